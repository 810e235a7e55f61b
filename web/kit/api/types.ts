/** What the server says over HTTP and over the socket, under the names that the app uses. All of it comes from its document. */
import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

/** A TypeID, such as `conv_…`. */
export type Id = string;
/** RFC 3339, in UTC. */
export type Time = Schemas["Time"];

export type Role = Schemas["Role"];
export type Permission = Schemas["Permission"];
export type User = Schemas["User"];
export type Team = Schemas["Team"];
export type Named = Schemas["Named"];

export type Tally = Schemas["Tally"];
export type Tallies = Schemas["Tallies"];
export type Counts = Schemas["Counts"];
export type Label = Schemas["Label"];
export type LabelColour = Schemas["LabelColour"];
/** A saved answer. */
export type CannedResponse = Schemas["CannedResponse"];
export type CannedScope = Schemas["CannedScope"];
export type CannedIn = Schemas["CannedIn"];
export type CannedPatch = Schemas["CannedPatch"];
export type RenderIn = Schemas["RenderIn"];
export type RenderedResponse = Schemas["RenderedResponse"];
export type MissingValue = Schemas["MissingValue"];
export type TemplateVariable = Schemas["TemplateVariable"];
export type TemplateWarning = Schemas["TemplateWarning"];
export type Attention = Schemas["Attention"];
/** The list of a label: its id. */
export type LabelView = `label_${string}`;
/** Lists of what has to do with me, whatever the team. */
export type PersonalView = "mine_snoozed" | "mentions" | "following";
/** The lists that there are. Spam and trash are not counted. */
export type View = keyof Tallies | "spam" | "trash" | PersonalView | LabelView;

export type Invitation = Schemas["Invitation"];
export type Invited = Schemas["Invited"];
export type JoinView = Schemas["JoinView"];
/** What became of a letter. */
export type Letter = Schemas["Letter"];
export type Mail = Schemas["Mail"];
export type MailTest = Schemas["MailTest"];
export type ResetView = Schemas["Reset"];
export type HandedOver = Schemas["HandedOver"];
export type Session = Schemas["Session"];
export type MyWorkspace = Schemas["MyWorkspace"];
export type Workspace = Schemas["Workspace"];
export type Me = Schemas["Me"];
export type Check = Schemas["Check"];
export type Setup = Schemas["Setup"];

export type ChannelKind = Schemas["ChannelKind"];
export type Channel = Schemas["Channel"];
export type Price = Schemas["Price"];
export type Import = Schemas["Import"];
export type Connection = Schemas["Connection"];
export type ProviderField = Schemas["ProviderField"];
export type Provider = Schemas["Provider"];
export type VerifiedNumber = Schemas["Number"];
export type Verification = Schemas["Verification"];

/** What came in and could not go to an inbox. */
export type Held = Schemas["Held"];
export type HeldWhole = Schemas["HeldWhole"];
export type HeldGroup = Schemas["HeldGroup"];
export type HeldReason = Schemas["HeldReason"];
export type HeldState = Schemas["HeldState"];
export type HeldPayload = Schemas["HeldPayload"];
export type Replayed = Schemas["Replayed"];

export type Status = Schemas["Status"];
export type Priority = Schemas["Priority"];
export type DeliveryStatus = Schemas["DeliveryStatus"];
export type Conversation = Schemas["Conversation"];
export type ConversationPatch = Schemas["ConversationPatch"];
/** A change of many conversations, and how far it has come. */
export type Bulk = Schemas["Bulk"];
export type BulkIn = Schemas["BulkIn"];
/** What is not sent yet, shared by the team. */
export type Draft = Schemas["Draft"];
export type DraftIn = Schemas["DraftIn"];
/** What stands in the place of a draft now. */
export type DraftNow = Schemas["DraftNow"];
export type ListedDraft = Schemas["ListedDraft"];
export type ReplyIn = Schemas["ReplyIn"];
export type StartIn = Schemas["StartIn"];
export type Started = Schemas["Started"];

export type Author = Schemas["Author"];
export type Attachment = Schemas["Attachment"];
export type Delivery = Schemas["Delivery"];
export type DeliveryError = Schemas["DeliveryError"];
export type Entry = Schemas["Entry"];
export type Message = Extract<Entry, { type: "message" }>;
export type Note = Extract<Entry, { type: "note" }>;
export type Revision = Schemas["Revision"];
export type Task = Schemas["Task"];
export type TaskIn = Schemas["TaskIn"];
export type ListedTask = Schemas["ListedTask"];
export type ListedMessage = Schemas["ListedMessage"];
export type EventEntry = Extract<Entry, { type: "event" }>;

/** What a search found. */
export type Found = Schemas["Found"];
export type Hit = Schemas["Hit"];
export type FoundContact = Schemas["FoundContact"];
export type SearchTerm = Schemas["SearchTerm"];
export type SearchProblem = Schemas["SearchProblem"];

export type SavedSearch = Schemas["SavedSearch"];
export type SavedSearchPatch = Schemas["SavedSearchPatch"];
export type SearchFacets = Schemas["SearchFacets"];
export type FacetList = Schemas["FacetList"];
/** The keyboard of one person. */
export type Keys = Schemas["Keys"];
export type KeyPreset = Schemas["KeyPreset"];

/** One page of a list. */
export type Page<T> = Omit<Schemas["Page_Conversation"], "data"> & { data: T[] };

export type LogEvent = Schemas["LogEvent"];
export type EventPage = Schemas["EventPage"];
export type Presence = Schemas["Presence"];
export type ReadMark = Schemas["ReadMark"];
export type Frame = Schemas["ServerFrame"];
export type ClientFrame = Schemas["ClientFrame"];

export type Notification = Schemas["Notification"];
export type NotificationKind = Schemas["NotificationKind"];
export type NotificationPage = Schemas["NotificationPage"];
export type NotificationPlaces = Schemas["NotificationPlaces"];
export type NotificationSettings = Schemas["NotificationSettings"];

export type Problem = Schemas["Problem"];
/** What is wrong with one field. */
export type FieldFault = Schemas["FieldProblem"];

import type { Channel, Conversation, Entry, Message, Team, User } from "../api/types.ts";

/** A workspace to look at while building: a fictional property manager; numbers are 555-01xx. */
export type Seed = {
  users: User[];
  teams: Team[];
  channels: Channel[];
  conversations: Conversation[];
  entries: Map<string, Entry[]>;
};

const user = (key: string, name: string, role: User["role"] = "agent"): User => ({
  id: `user_${key}`,
  name,
  email: `${key}@harborpine.example`,
  role,
  active: true,
  created_at: "2026-03-01T09:00:00Z",
  team_ids: ["team_west"],
  away_until: null,
  picture_id: null,
});

const channel = (key: string, name: string, address: string, team: string): Channel => ({
  id: `chan_${key}`,
  connection_id: "conn_1",
  kind: "sms",
  provider: "simulated",
  name,
  address,
  team_id: `team_${team}`,
  status: "connected",
  mode: "webhooks",
  webhooks: {},
  webhook_elsewhere: null,
  reading: null,
  settings: {
    reopen_days: 3,
    undo_seconds: 5,
    provider_answers_stop: true,
    set_webhooks: true,
    price: null,
    rate: { messages_per_second: 1, segments_per_second: 1, is_usual: true, usual: 1, sender_kind: "long_code" },
  },
  created_at: "2026-03-01T09:00:00Z",
  last_inbound_at: null,
});

/** [name, number, minutes ago, waits, unread, what they wrote, assignee, team] */
type Row = [string | null, string, number, boolean, boolean, string, string | null, string];
const ROWS: Row[] = [
  [
    "Konstantinos Papadimitriou-Villanueva",
    "+14155550117",
    31,
    true,
    true,
    "the garage door is stuck half open and my car is inside",
    null,
    "west",
  ],
  ["Odell Brisco", "+15105550133", 22, true, true, "ok and does the deposit come off the first month?", null, "west"],
  ["Wren Castellano", "+14155550160", 24, true, true, "the key fob stopped working at the side gate", "priya", "west"],
  [null, "+16505550119", 12, true, true, "Invoice 20981 and lien waiver for 44 Quarry Road", null, "west"],
  [
    "Ines Marchetti",
    "+14155550125",
    3,
    true,
    false,
    "Thank you! One more thing, the dryer makes a noise",
    "tom",
    "west",
  ],
  [
    "Visitor from San Jose",
    "+14085550151",
    6,
    true,
    false,
    "Do you allow two cats in the Alder Street units?",
    "dele",
    "west",
  ],
  [
    "Joaquín Beltrán",
    "+14155550109",
    70,
    false,
    false,
    "The renewal is attached. Please sign by Friday.",
    "sam",
    "west",
  ],
  [
    "Hollis Pharmacy, suite 110",
    "+14155550110",
    95,
    false,
    false,
    "Locksmith was there at ten, new keys are at the desk.",
    "tom",
    "west",
  ],
  ["Priyanka Deshpande", "+14155550138", 180, false, false, "See you at the viewing on Thursday at 4.", "sam", "west"],
  ["Tariq Haddad", "+15105550145", 300, false, true, "Perfect, thanks", "sam", "maintenance"],
  [
    "Bea Lindholm",
    "+14155550148",
    1500,
    false,
    false,
    "The parcel room code changed, here is the new one.",
    null,
    "maintenance",
  ],
];
const MORE = [
  "Adaeze Obi",
  "Milan Kovač",
  "Ruth Feldman",
  "Yuki Tanaka",
  "Omar Said",
  "Lena Brandt",
  "Chidi Eze",
  "Sofia Ricci",
  "Noah Adler",
  "Mei Lin",
  "Ivo Petrov",
  "Grace Kim",
];
const LINES = [
  "Is the laundry room open on Sunday?",
  "Rent for December is paid, could you confirm?",
  "The hallway light on 3 is out again",
  "Can I move in a day earlier?",
  "There is a leak under the sink",
  "Where do I park tonight?",
  "Thank you, that worked!",
];

/** Builds the seed around `now` (ms). `many` adds that many plain conversations. */
export function seed(now: number, many = 60): Seed {
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  const users = [
    user("sam", "Sam Park", "owner"),
    user("ana", "Ana Ruiz"),
    user("priya", "Priya Nair"),
    user("tom", "Tom Hale"),
    user("dele", "Dele Adeyemi", "lead"),
  ];
  const teams: Team[] = ["West", "Maintenance", "Leasing and renewals", "East"].map((name) => ({
    id: `team_${name.split(" ")[0]?.toLowerCase()}`,
    name,
    member_ids: users.map(({ id }) => id),
    observer_ids: [],
    closed: false,
    created_at: ago(90_000),
  }));
  const channels = [
    channel("west", "West line", "+14155550100", "west"),
    channel("maint", "Maintenance", "+14155550101", "maintenance"),
  ];
  const entries = new Map<string, Entry[]>();
  const conversations: Conversation[] = [];
  let serial = 0;
  const nextId = (prefix: string) => `${prefix}_${String((serial += 1)).padStart(26, "0")}`;
  const named = (key: string) => ({
    id: `user_${key}`,
    name: users.find(({ id }) => id === `user_${key}`)?.name ?? key,
  });

  const message = (conversation: string, minutes: number, text: string, more: Partial<Message> = {}): Message => ({
    id: nextId("msg"),
    type: "message",
    conversation_id: conversation,
    at: ago(minutes),
    author: { kind: "contact", id: "cont", name: null },
    direction: "inbound",
    channel_id: "chan_west",
    text,
    html: null,
    attachments: [],
    delivery: null,
    late: false,
    imported: false,
    ...more,
  });
  const sent = (
    conversation: string,
    minutes: number,
    text: string,
    by: string,
    delivery: Partial<NonNullable<Message["delivery"]>> = {},
  ): Message =>
    message(conversation, minutes, text, {
      direction: "outbound",
      author: { kind: "user", ...named(by) },
      delivery: {
        status: "delivered",
        provider_id: "SM1",
        segments: 1,
        error: null,
        send_at: null,
        reason: null,
        resolved_by: null,
        at: ago(minutes),
        ...delivery,
      },
    });
  const add = (row: Row, subject: string | null, list: (id: string) => Entry[]) => {
    const [name, address, minutes, waits, unread, text, assignee, team] = row;
    const id = nextId("conv");
    const all = list(id);
    const last = all.findLast((entry) => entry.type === "message");
    entries.set(id, all);
    const chan = channels[team === "maintenance" ? 1 : 0] as Channel;
    conversations.push({
      id,
      subject,
      status: "open",
      snoozed_until: null,
      team_id: `team_${team}`,
      assignee_ids: assignee ? [`user_${assignee}`] : [],
      assignees: assignee ? [named(assignee)] : [],
      label_ids: [],
      priority: "none",
      contact: { id: nextId("cont"), name, address },
      channel_ids: [chan.id],
      channels: [{ id: chan.id, name: chan.name, kind: "sms", address: chan.address }],
      preview: last?.type === "message" ? last.text : text,
      participants: [address],
      merged_into: null,
      unread,
      waiting_since: waits ? ago(minutes) : null,
      last_activity_at: last?.at ?? ago(minutes),
      created_at: ago(9_000),
      last_message:
        last?.type === "message"
          ? {
              direction: last.direction,
              author_name: last.author.name,
              delivery_status: last.delivery?.status ?? null,
              has_attachments: last.attachments.length > 0,
            }
          : null,
      seen_entry_id: unread ? null : (all.at(-1)?.id ?? null),
      last_entry_id: all.at(-1)?.id ?? null,
      opted_out: name === "Tariq Haddad",
      mentioned_at: null,
      following: false,
      muted: false,
      open_tasks: 0,
    });
  };

  add(
    ["Maya Lindqvist", "+14155550142", 42, true, false, "", "ana", "west"],
    "Water heater leaking, 218 Alder 4B",
    (id) => [
      message(id, 2_900, "Hi, is the visitor parking permit ready?"),
      sent(id, 2_880, "Yes, it is at the front desk until six.", "tom", { status: "read" }),
      {
        id: nextId("evt"),
        type: "event",
        conversation_id: id,
        at: ago(2_870),
        author: { kind: "user", ...named("tom") },
        event: "conversation.closed",
        data: {},
      },
      message(id, 42, "The water heater in 4B is leaking again, there’s a puddle by the closet", {
        attachments: [
          {
            id: "file_1",
            name: "heater.svg",
            content_type: "image/svg+xml",
            size: 48_200,
            state: "ready",
            url: "/api/v1/attachments/file_1",
          },
        ],
      }),
      {
        id: nextId("evt"),
        type: "event",
        conversation_id: id,
        at: ago(42),
        author: { kind: "system", id: null, name: null },
        event: "conversation.reopened",
        data: { reason: "inbound" },
      },
      {
        id: nextId("evt"),
        type: "event",
        conversation_id: id,
        at: ago(41),
        author: { kind: "user", ...named("sam") },
        event: "conversation.assigned",
        data: { assignees: [named("ana")] },
      },
      {
        id: nextId("note"),
        type: "note",
        conversation_id: id,
        at: ago(24),
        author: { kind: "user", ...named("priya") },
        text: "@[Ana Ruiz](user_ana) Delgado Plumbing can be there 2 to 4 pm. Key: lockbox 4417.",
        mentions: [named("ana")],
        edited_at: null,
        edited_by: null,
        reactions: [],
        task: null,
      },
      sent(id, 18, "Thank you Maya, a plumber is booked for this afternoon.", "sam", {
        status: "failed",
        error: { code: "unreachable", provider_code: "30003", detail: "The phone was off or out of reach." },
      }),
      message(id, 16, "It’s still dripping. Is someone coming today?"),
    ],
  );
  for (const row of ROWS) {
    const waits = row[3];
    add(row, null, (id) => [
      message(id, row[2] + 30, "Hello, I have a question"),
      sent(id, row[2] + 25, "Of course, how can we help?", "sam"),
      waits || row[6] === null ? message(id, row[2], row[5]) : sent(id, row[2], row[5], row[6]),
      ...(row[0] === "Tariq Haddad"
        ? [
            {
              id: nextId("evt"),
              type: "event" as const,
              conversation_id: id,
              at: ago(row[2]),
              author: { kind: "contact" as const, id: null, name: "Tariq Haddad" },
              event: "consent.changed",
              data: { state: "revoked", source: "keyword" },
            },
          ]
        : []),
    ]);
  }
  for (let at = 0; at < many; at += 1) {
    const person = `${MORE[at % MORE.length]}`;
    const row: Row = [
      person,
      `+1415555${String(200 + at).padStart(4, "0")}`,
      400 + at * 47,
      false,
      false,
      "",
      at % 3 === 0 ? null : "sam",
      at % 4 === 0 ? "maintenance" : "west",
    ];
    add(row, null, (id) =>
      Array.from({ length: 12 }, (_, line) =>
        line % 2 === 0
          ? message(id, row[2] + 40 - line, LINES[(at + line) % LINES.length] ?? "")
          : sent(id, row[2] + 40 - line, "Let me check that for you, one moment please.", "sam", {
              status: line === 11 ? "unknown" : "delivered",
            }),
      ),
    );
  }
  return { users, teams, channels, conversations, entries };
}

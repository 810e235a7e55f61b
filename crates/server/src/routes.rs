//! Every address that this server answers at, and who may ask: one table.

mod attachments;
mod attention;
mod bulk;
mod canned_responses;
mod channels;
mod connections;
mod contacts;
mod conversations;
mod documents;
mod drafts;
mod events;
mod files;
mod health;
mod hooks;
mod imports;
mod inbound;
mod invitations;
mod labels;
mod live;
mod mail;
mod me;
mod messages;
mod notes;
mod notifications;
mod providers;
mod push;
mod read;
mod reset;
mod saved_searches;
mod search;
mod session;
mod setup;
mod sms;
mod tasks;
mod teams;
mod users;

use axum::routing::{MethodFilter, get, on};
use axum::{Extension, Router};
use partyline_core::permission::Permission::{
    self, ManageChannels, ManageLabels, ManagePeople, ManageTeams, ManageWorkspace, Note, Read, ReadChannels,
    ReadEvents, ReadPeople, Reply, Triage,
};
use utoipa::OpenApi;

use crate::api::Api;
use Access::{Needs, Public, SignedIn};

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and has this permission.
    Needs(Permission),
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// Under [`BASE`].
    pub path: &'static str,
    /// Who may ask. [`crate::session::Signed`] sees to it; the desk asks again.
    pub access: Access,
}

macro_rules! api {
    ($($method:ident $path:literal $module:ident::$handler:ident $access:expr;)*) => {
        /// The API.
        pub const TABLE: &[Route] = &[$(Route { method: stringify!($method), path: $path, access: $access },)*];

        fn api() -> Router<Api> {
            Router::new()$(.route($path, on(MethodFilter::$method, $module::$handler).route_layer(Extension($access))))*
        }

        /// The API's document, before [`crate::openapi`] finishes it.
        #[derive(OpenApi)]
        #[openapi(paths($($module::$handler,)*))]
        pub struct Document;
    };
}

api! {
    GET    "/setup"                        setup::state             Public;
    POST   "/setup"                        setup::set_up            Public;
    POST   "/session"                      session::sign_in         Public;
    DELETE "/session"                      session::sign_out        SignedIn;
    POST   "/session/reset"                reset::ask               Public;
    GET    "/reset/{token}"                reset::look              Public;
    POST   "/reset/{token}"                reset::choose            Public;
    POST   "/session/workspace"            me::switch               SignedIn;
    GET    "/me"                           me::me                   SignedIn;
    PATCH  "/me"                           me::change               SignedIn;
    PUT    "/me/picture"                   me::set_picture          SignedIn;
    DELETE "/me/picture"                   me::remove_picture       SignedIn;
    POST   "/me/password"                  me::password             SignedIn;
    GET    "/me/sessions"                  me::sessions             SignedIn;
    DELETE "/me/sessions/{id}"             me::end_session          SignedIn;
    GET    "/me/workspaces"                me::workspaces           SignedIn;
    GET    "/join/{token}"                 invitations::look        Public;
    POST   "/join/{token}"                 invitations::join        Public;
    PATCH  "/workspace"                    me::change_workspace     Needs(ManageWorkspace);
    GET    "/mail"                         mail::state              Needs(ManageWorkspace);
    POST   "/mail/test"                    mail::test               Needs(ManageWorkspace);

    GET    "/users"                        users::list              Needs(ReadPeople);
    POST   "/users"                        users::create            Needs(ManagePeople);
    GET    "/users/{id}"                   users::one               Needs(ReadPeople);
    PATCH  "/users/{id}"                   users::change            Needs(ManagePeople);
    POST   "/users/{id}/handover"          users::hand_over         Needs(Triage);
    GET    "/invitations"                  invitations::list        Needs(ManagePeople);
    POST   "/invitations"                  invitations::create      Needs(ManagePeople);
    DELETE "/invitations/{id}"             invitations::revoke      Needs(ManagePeople);
    GET    "/teams"                        teams::list              Needs(ReadPeople);
    POST   "/teams"                        teams::create            Needs(ManageTeams);
    GET    "/teams/{id}"                   teams::one               Needs(ReadPeople);
    PATCH  "/teams/{id}"                   teams::change            Needs(ManageTeams);

    GET    "/providers"                    providers::list          Needs(ReadChannels);
    POST   "/connections/verify"           connections::verify      Needs(ManageChannels);
    GET    "/connections"                  connections::list        Needs(ReadChannels);
    POST   "/connections"                  connections::create      Needs(ManageChannels);
    GET    "/connections/{id}"             connections::one         Needs(ReadChannels);
    PATCH  "/connections/{id}"             connections::change      Needs(ManageChannels);
    GET    "/channels"                     channels::list           Needs(ReadChannels);
    POST   "/channels"                     channels::create         Needs(ManageChannels);
    GET    "/channels/{id}"                channels::one            Needs(ReadChannels);
    PATCH  "/channels/{id}"                channels::change         Needs(ManageChannels);
    DELETE "/channels/{id}"                channels::remove         Needs(ManageChannels);
    GET    "/channels/{id}/imports"        imports::list            Needs(ReadChannels);
    POST   "/channels/{id}/imports"        imports::start           Needs(ManageChannels);
    DELETE "/channels/{id}/imports/{import_id}" imports::cancel     Needs(ManageChannels);

    GET    "/inbound"                      inbound::list            Needs(ManageChannels);
    GET    "/inbound/groups"               inbound::groups          Needs(ManageChannels);
    POST   "/inbound/replay"               inbound::replay_alike    Needs(ManageChannels);
    GET    "/inbound/{id}"                 inbound::one             Needs(ManageChannels);
    POST   "/inbound/{id}/replay"          inbound::replay          Needs(ManageChannels);
    POST   "/inbound/{id}/dismiss"         inbound::dismiss         Needs(ManageChannels);

    GET    "/labels"                       labels::list             Needs(Read);
    POST   "/labels"                       labels::create           Needs(ManageLabels);
    GET    "/labels/{id}"                  labels::one              Needs(Read);
    PATCH  "/labels/{id}"                  labels::change           Needs(ManageLabels);
    DELETE "/labels/{id}"                  labels::remove           Needs(ManageLabels);

    GET    "/canned_responses"             canned_responses::list     Needs(Reply);
    POST   "/canned_responses"             canned_responses::create   Needs(Reply);
    POST   "/canned_responses/preview"     canned_responses::preview  Needs(Reply);
    GET    "/canned_responses/{id}"        canned_responses::one      Needs(Reply);
    PATCH  "/canned_responses/{id}"        canned_responses::change   Needs(Reply);
    DELETE "/canned_responses/{id}"        canned_responses::remove   Needs(Reply);
    POST   "/canned_responses/{id}/render" canned_responses::render   Needs(Reply);

    GET    "/conversations"                conversations::list      Needs(Read);
    POST   "/conversations"                conversations::start     Needs(Reply);
    GET    "/conversations/{id}"           conversations::one       Needs(Read);
    PATCH  "/conversations/{id}"           conversations::change    Needs(Triage);
    GET    "/conversations/{id}/entries"   conversations::entries   Needs(Read);
    POST   "/conversations/{id}/messages"  messages::reply          Needs(Reply);
    POST   "/conversations/{id}/notes"     notes::create            Needs(Note);
    GET    "/conversations/{id}/drafts"    drafts::of               Needs(Read);
    PUT    "/conversations/{id}/drafts/{channel_id}"            drafts::put            Needs(Reply);
    DELETE "/conversations/{id}/drafts/{channel_id}"            drafts::discard        Needs(Reply);
    POST   "/conversations/{id}/drafts/{channel_id}/take"       drafts::take           Needs(Reply);
    POST   "/conversations/{id}/drafts/{channel_id}/review"     drafts::ask_for_review Needs(Reply);
    POST   "/conversations/{id}/drafts/{channel_id}/review/end" drafts::end_review     Needs(Reply);
    GET    "/drafts"                       drafts::list             Needs(Read);
    POST   "/conversations/{id}/read"      read::read               Needs(Read);
    POST   "/conversations/{id}/follow"    attention::follow        Needs(Read);
    DELETE "/conversations/{id}/follow"    attention::unfollow      Needs(Read);
    POST   "/conversations/{id}/mute"      attention::mute          Needs(Read);
    DELETE "/conversations/{id}/mute"      attention::unmute        Needs(Read);
    PATCH  "/notes/{id}"                   notes::edit              Needs(Note);
    GET    "/notes/{id}/revisions"         notes::revisions         Needs(Read);
    PUT    "/notes/{id}/reactions/{emoji}" notes::react             Needs(Note);
    DELETE "/notes/{id}/reactions/{emoji}" notes::take_back         Needs(Note);
    PUT    "/notes/{id}/task"              tasks::put               Needs(Note);
    DELETE "/notes/{id}/task"              tasks::remove            Needs(Note);
    POST   "/notes/{id}/task/done"         tasks::finish            Needs(Note);
    GET    "/tasks"                        tasks::list              Needs(Read);
    GET    "/saved_searches"               saved_searches::list     Needs(Read);
    POST   "/saved_searches"               saved_searches::create   Needs(Read);
    GET    "/saved_searches/{id}"          saved_searches::one      Needs(Read);
    PATCH  "/saved_searches/{id}"          saved_searches::change   Needs(Read);
    DELETE "/saved_searches/{id}"          saved_searches::remove   Needs(Read);
    GET    "/search"                       search::search           Needs(Read);
    GET    "/search/facets"                search::facets           Needs(Read);
    GET    "/contacts"                     contacts::list           Needs(Reply);

    GET    "/messages"                     messages::list           Needs(Read);
    PATCH  "/messages/{id}"                messages::plan           Needs(Reply);
    DELETE "/messages/{id}"                messages::cancel         Needs(Reply);
    POST   "/messages/{id}/retry"          messages::retry          Needs(Reply);
    POST   "/messages/{id}/resolve"        messages::resolve        Needs(Reply);

    POST   "/conversations/bulk"           bulk::start              Needs(Triage);
    GET    "/bulk/{id}"                    bulk::one                Needs(Triage);
    DELETE "/bulk/{id}"                    bulk::undo               Needs(Triage);

    POST   "/attachments"                  attachments::upload      Needs(Reply);
    GET    "/attachments/{id}"             attachments::one         Needs(Read);
    POST   "/sms/preview"                  sms::preview             SignedIn;

    GET    "/notifications"                notifications::list      SignedIn;
    POST   "/notifications/seen"           notifications::see       SignedIn;
    GET    "/notifications/settings"       notifications::settings  SignedIn;
    PATCH  "/notifications/settings"       notifications::change    SignedIn;
    GET    "/push/key"                     push::key                SignedIn;
    POST   "/push/subscriptions"           push::subscribe          SignedIn;
    DELETE "/push/subscriptions/{id}"      push::unsubscribe        SignedIn;

    GET    "/events"                       events::list             Needs(ReadEvents);
    GET    "/live"                         live::live               Needs(ReadEvents);

    GET    "/openapi.json"                 documents::whole         Public;
    GET    "/docs"                         documents::reference     Public;
}

/// The addresses outside of [`BASE`].
const OUTSIDE: [&str; 5] = ["/healthz", "/readyz", "/hooks/{provider}/{connection}/{hook}", "/files/{token}", "/docs"];

/// A route as the log and the figures call it: as it stands in the table.
#[must_use]
pub fn named(matched: &str) -> &'static str {
    match matched.strip_prefix(BASE) {
        Some(path) => TABLE.iter().find(|route| route.path == path).map_or("other", |route| route.path),
        None => OUTSIDE.into_iter().find(|path| *path == matched).unwrap_or("other"),
    }
}

/// The API under [`BASE`], and what is outside of it: health, what providers call, and the files that they fetch.
pub fn router() -> Router<Api> {
    Router::new()
        .nest(BASE, api())
        .route(OUTSIDE[0], get(health::up))
        .route(OUTSIDE[1], get(health::ready))
        .route(OUTSIDE[2], get(hooks::take).post(hooks::take))
        .route(OUTSIDE[3], get(files::one))
        .route(OUTSIDE[4], get(documents::to_reference))
}

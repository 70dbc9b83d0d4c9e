//! The closed vocabulary of what may be done. A text may name things in braces: `{O1}`, `{O1.amount}`, `{O1.trade}`,
//! `{shop}`, `{shop.port}`, `{payuni}`, `{google}`, `{csrf.buyer1}`.

use crate::{expect::Answer, tamper::Tamper};
use serde::Deserialize;
use std::collections::BTreeMap;

fn buyer1() -> String {
    "buyer1".to_owned()
}

fn once() -> u32 {
    1
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// From here on something must not change.
    Mark {},
    /// An order is placed by the storefront's form.
    Place(Place),
    /// An order is paid at the sandbox's page.
    Pay(Pay),
    /// A message as if from PAYUNi.
    Message(Message),
    /// A request as a client makes it.
    Http(Http),
    /// Bytes as they are.
    Raw(Raw),
    /// A control of the sandbox.
    Sandbox(Sandbox),
    /// Waits until an order stands so.
    Await(Await),
    /// The shop asks PAYUNi about everything that is open.
    Ask {},
    /// Somebody signs in, honestly or not.
    SignIn(SignIn),
    /// The program is started and must end by itself.
    Program(Program),
    /// Clients that take their time.
    Slow(Slow),
    /// The ledger's file is edited by hand, behind the shop's back.
    Sql(Sql),
}

/// An order placed by the storefront's form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Who.
    #[serde(default = "buyer1")]
    pub who: String,
    /// The name under which the case speaks of it.
    pub order: String,
    /// Fields of the form that are set otherwise.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
}

/// A payment at the sandbox's page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// Who.
    #[serde(default = "buyer1")]
    pub who: String,
    /// Which order.
    pub order: String,
    /// As the sandbox names it: `card`, `card_decline`, `atm`, `linepay` …
    pub method: String,
    /// No notice of it goes out.
    #[serde(default)]
    pub unheard: bool,
    /// By another attempt, which the order's page offers.
    #[serde(default)]
    pub again: bool,
}

/// What a message is made of before it is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The good result of a paid card.
    #[default]
    Paid,
    /// The form that the shop itself gave the buyer's browser.
    OwnForm,
    /// The last genuine notice about the order in the sandbox's books.
    Sent,
    /// Nothing.
    Empty,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// `/payuni/notify`.
    #[default]
    Notify,
    /// `/payuni/return`.
    Return,
}

/// Whose keys seal a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// The shop's own.
    #[default]
    Ours,
    /// Another merchant's.
    Other,
    /// Those that the shop had before.
    Previous,
}

/// Fields set, taken away and added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Fields with another value; one that is missing is added.
    pub set: BTreeMap<String, String>,
    /// Fields that are left out.
    pub remove: Vec<String>,
    /// Pairs at the end, also of names that are there.
    pub add: Vec<(String, String)>,
}

/// One message for each value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// The field.
    pub name: String,
    /// Its values, in this order.
    pub values: Vec<String>,
}

/// A message as if from PAYUNi.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Where it goes.
    #[serde(default)]
    pub to: Door,
    /// About which order.
    #[serde(default)]
    pub order: Option<String>,
    /// What it is made of.
    #[serde(default)]
    pub base: Base,
    /// PAYUNi's number, where the message is made and not taken from the books.
    #[serde(default)]
    pub trade: Option<String>,
    /// Changes within, before sealing.
    #[serde(default)]
    pub inner: Change,
    /// Changes outside, after sealing.
    #[serde(default)]
    pub outer: Change,
    /// The sealed text, where it is no form of fields.
    #[serde(default)]
    pub plaintext: Option<String>,
    /// Whose keys.
    #[serde(default)]
    pub keys: Keys,
    /// One message for each value of an inner field.
    #[serde(default)]
    pub vary: Option<Vary>,
    /// One message for each inner field left out.
    #[serde(default)]
    pub remove_each: Vec<String>,
    /// One message for each way to break it.
    #[serde(default)]
    pub tamper: Vec<Tamper>,
    /// How often each is sent.
    #[serde(default = "once")]
    pub times: u32,
    /// All at the same time.
    #[serde(default)]
    pub at_once: bool,
    /// What each answer must look like.
    #[serde(default)]
    pub answer: Answer,
    /// The refusal whose counter grows by as many messages as were sent.
    #[serde(default)]
    pub counts: Option<String>,
}

/// Where a form's own fields come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFrom {
    /// The page.
    pub page: String,
    /// The form's address on it.
    pub action: String,
}

/// A request as a client makes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Who; nobody where absent.
    #[serde(default)]
    pub who: Option<String>,
    /// Each of these methods.
    pub methods: Vec<String>,
    /// Each of these paths.
    pub paths: Vec<String>,
    /// Headers, also several of a name.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// One request for each value of this header.
    #[serde(default)]
    pub vary_header: Option<Vary>,
    /// A form's fields.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// Fields that the page's form has already.
    #[serde(default)]
    pub form_from: Option<FormFrom>,
    /// The page is opened anew for each time it is sent.
    #[serde(default)]
    pub fresh: bool,
    /// Fields of it that are left out.
    #[serde(default)]
    pub drop: Vec<String>,
    /// One request for each value of a field of the form.
    #[serde(default)]
    pub vary: Option<Vary>,
    /// A body that is no form. `{pad:N}` are N bytes `x`.
    #[serde(default)]
    pub body: Option<String>,
    /// One request for each of these bodies.
    #[serde(default)]
    pub bodies: Vec<String>,
    /// `Origin` as a browser on another site would send it, `own`, or none.
    #[serde(default)]
    pub origin: Option<String>,
    /// How often each is sent.
    #[serde(default = "once")]
    pub times: u32,
    /// All at the same time.
    #[serde(default)]
    pub at_once: bool,
    /// The order that the answer hands over gets this name.
    #[serde(default)]
    pub order: Option<String>,
    /// What each answer must look like.
    #[serde(default)]
    pub answer: Answer,
    /// So many of the answers must have the status `answer` names; the others any below 500.
    #[serde(default)]
    pub exactly: Option<u32>,
    /// The refusal whose counter grows by as many requests as were sent.
    #[serde(default)]
    pub counts: Option<String>,
}

/// Bytes as they are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    /// Each of these on a connection of its own. `{pad:N}` are N bytes `x`.
    pub texts: Vec<String>,
    /// How often each.
    #[serde(default = "once")]
    pub times: u32,
    /// What each answer must look like.
    #[serde(default)]
    pub answer: Answer,
    /// At most so many answers of HTTP on a connection.
    #[serde(default)]
    pub answers_at_most: Option<u32>,
    /// The refusal whose counter grows by as many texts as were sent.
    #[serde(default)]
    pub counts: Option<String>,
}

/// Which counterparty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// PAYUNi.
    Payuni,
    /// Google.
    Google,
}

/// A control of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// Whose.
    pub which: Which,
    /// The method; POST where absent.
    #[serde(default)]
    pub method: Option<String>,
    /// The path.
    pub path: String,
    /// The JSON that goes along.
    #[serde(default)]
    pub json: Option<String>,
    /// What the answer must look like; any success where absent.
    #[serde(default)]
    pub answer: Answer,
}

/// Waits until an order stands so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Await {
    /// Which.
    pub order: String,
    /// The status in the ledger.
    #[serde(default)]
    pub status: Option<String>,
    /// The order's row of the sheet has this.
    #[serde(default)]
    pub sheet: Option<String>,
    /// A refund of the order is in this state.
    #[serde(default)]
    pub refund: Option<String>,
    /// So many dollars of the order went back, by the ledger.
    #[serde(default)]
    pub given_back: Option<u64>,
}

/// How a sign-in goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trick {
    /// It does not.
    #[default]
    None,
    /// The callback is opened by another browser than began it.
    OtherBrowser,
    /// The callback is opened again.
    Replay,
    /// Another state.
    WrongState,
    /// No state.
    NoState,
    /// A token in the address instead of a code.
    FrontChannel,
    /// The callback comes as a form.
    FormPost,
}

/// Somebody signs in, honestly or not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Whose browser.
    pub who: String,
    /// With which of the sandbox's accounts; the browser's name where absent.
    #[serde(default)]
    pub account: Option<String>,
    /// The way to come back to.
    #[serde(default)]
    pub next: Vec<String>,
    /// Each of these faults of the sandbox, a sign-in each.
    #[serde(default)]
    pub faults: Vec<String>,
    /// Each of these tricks, a sign-in each.
    #[serde(default)]
    pub tricks: Vec<Trick>,
    /// Whether a session follows.
    pub session: bool,
    /// What the last answer must look like.
    #[serde(default)]
    pub answer: Answer,
}

/// The program is started and must end by itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, over a good one of a real shop where `args` says `serve`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// One start for each value of a variable.
    #[serde(default)]
    pub vary: Option<Vary>,
    /// The exit code.
    pub exit: i32,
    /// What it says of why.
    #[serde(default)]
    pub says: Vec<String>,
    /// What it must not say.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// How a client takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// A header that never ends.
    Header,
    /// A body that never ends.
    Body,
    /// Nothing at all.
    Idle,
    /// A request whose answer nobody takes.
    Unread,
}

/// Clients that take their time, while others are to be served.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slow {
    /// How.
    pub pace: Pace,
    /// How many of them.
    pub clients: u32,
    /// Within so many seconds all are shown out.
    pub within_s: u64,
    /// Meanwhile a visitor is answered within so many milliseconds.
    pub served_ms: u64,
}

/// The ledger's file is edited by hand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sql {
    /// Each of these statements must be refused by the schema.
    pub refused: Vec<String>,
}

//! A page that says what happened, to whom it matters and what to do next.

use askama::Template;

use crate::shell::Shell;
use crate::text::{Lang, Text};

/// What can keep a page from being shown or a form from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// 400: not readable.
    BadRequest,
    /// 401: sign in first.
    SignInNeeded,
    /// 403: not for this account.
    Forbidden,
    /// 403: form token missing or old, or another site sent it.
    FormExpired,
    /// 403: the bot check did not pass.
    BotCheck,
    /// 404: not there, or not theirs.
    NotFound,
    /// 405: wrong method.
    MethodNotAllowed,
    /// 409: the order moved meanwhile.
    Conflict,
    /// 409: not enough left.
    SoldOut,
    /// 413: too large.
    TooLarge,
    /// 422: a product or quantity that cannot be bought.
    Unprocessable,
    /// 429: too often.
    TooMany,
    /// 500: our fault.
    Internal,
    /// 503: not possible now.
    Unavailable,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::BadRequest,
        Self::SignInNeeded,
        Self::Forbidden,
        Self::FormExpired,
        Self::BotCheck,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::SoldOut,
        Self::TooLarge,
        Self::Unprocessable,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The HTTP status that fits.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::SignInNeeded => 401,
            Self::Forbidden | Self::FormExpired | Self::BotCheck => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::SoldOut => 409,
            Self::TooLarge => 413,
            Self::Unprocessable => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Title, what happened, what to do.
    fn texts(self, t: &Text) -> [&str; 3] {
        let m = &t.message;
        match self {
            Self::BadRequest => [&m.bad_request, &m.bad_request_what, &m.bad_request_next],
            Self::SignInNeeded => [
                &m.sign_in_needed,
                &m.sign_in_needed_what,
                &m.sign_in_needed_next,
            ],
            Self::Forbidden => [&m.forbidden, &m.forbidden_what, &m.forbidden_next],
            Self::FormExpired => [&m.form_expired, &m.form_expired_what, &m.form_expired_next],
            Self::BotCheck => [&m.bot_check, &m.bot_check_what, &m.bot_check_next],
            Self::NotFound => [&m.not_found, &m.not_found_what, &m.not_found_next],
            Self::MethodNotAllowed => [
                &m.method_not_allowed,
                &m.method_not_allowed_what,
                &m.method_not_allowed_next,
            ],
            Self::Conflict => [&m.conflict, &m.conflict_what, &m.conflict_next],
            Self::SoldOut => [&m.sold_out, &m.sold_out_what, &m.sold_out_next],
            Self::TooLarge => [&m.too_large, &m.too_large_what, &m.too_large_next],
            Self::Unprocessable => [
                &m.unprocessable,
                &m.unprocessable_what,
                &m.unprocessable_next,
            ],
            Self::TooMany => [&m.too_many, &m.too_many_what, &m.too_many_next],
            Self::Internal => [&m.internal, &m.internal_what, &m.internal_next],
            Self::Unavailable => [&m.unavailable, &m.unavailable_what, &m.unavailable_next],
        }
    }
}

/// A way on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it goes; written by the program, never taken from a request.
    pub url: String,
}

/// A message page.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// HTTP status; shown small.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What happened, in full.
    pub what: String,
    /// What to do next.
    pub next: String,
    /// The request's id, for customer service and the log.
    pub request_id: Option<String>,
    /// Ways on, the first as the main one. Empty: only the way home.
    pub links: Vec<Link>,
}

impl MessageView {
    /// Builds the page of a known problem, with the way on that fits it.
    #[must_use]
    pub fn of(problem: Problem, lang: Lang) -> Self {
        let t = Text::get(lang);
        let [title, what, next] = problem.texts(t).map(str::to_owned);
        let orders = Link {
            label: t.nav.my_orders.clone(),
            url: "/orders".into(),
        };
        let home = Link {
            label: t.message.home.clone(),
            url: "/".into(),
        };
        let links = match problem {
            Problem::Conflict | Problem::Internal | Problem::Unavailable => vec![orders, home],
            Problem::NotFound | Problem::Forbidden => vec![home, orders],
            Problem::BadRequest
            | Problem::SignInNeeded
            | Problem::FormExpired
            | Problem::BotCheck
            | Problem::MethodNotAllowed
            | Problem::SoldOut
            | Problem::TooLarge
            | Problem::Unprocessable
            | Problem::TooMany => vec![home],
        };
        Self {
            status: problem.status(),
            title,
            what,
            next,
            request_id: None,
            links,
        }
    }

    fn asks_to_sign_in(&self) -> bool {
        self.status == Problem::SignInNeeded.status()
    }

    /// Adds the request's id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Puts a way on before the others.
    #[must_use]
    pub fn with_link(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.links.insert(
            0,
            Link {
                label: label.into(),
                url: url.into(),
            },
        );
        self
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a MessageView,
}

/// Renders a message.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn message(shell: &Shell, view: &MessageView) -> Result<String, askama::Error> {
    Page {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}

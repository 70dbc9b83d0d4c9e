//! What went wrong at sign-in, and how to go on.

use askama::Template;

use crate::shell::Shell;
use crate::text::Text;

/// Why a sign-in did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// The person pressed cancel at Google.
    Cancelled,
    /// No matching sign-in was under way here: too old, another browser, or no cookie.
    Expired,
    /// What Google sent back did not verify.
    Rejected,
    /// Google could not be asked.
    Unavailable,
    /// The e-mail address is not verified, and the shop demands it.
    EmailUnverified,
}

impl SignInProblem {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Cancelled,
        Self::Expired,
        Self::Rejected,
        Self::Unavailable,
        Self::EmailUnverified,
    ];

    /// The status that fits.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Cancelled => 200,
            Self::Expired | Self::Rejected => 400,
            Self::EmailUnverified => 403,
            Self::Unavailable => 503,
        }
    }

    fn title(self, t: &Text) -> &str {
        match self {
            Self::Cancelled => &t.sign_in.cancelled_title,
            Self::Expired | Self::Rejected | Self::Unavailable | Self::EmailUnverified => {
                &t.sign_in.title
            }
        }
    }

    fn what(self, t: &Text) -> &str {
        let s = &t.sign_in;
        match self {
            Self::Cancelled => &s.cancelled_what,
            Self::Expired => &s.expired_what,
            Self::Rejected => &s.rejected_what,
            Self::Unavailable => &s.unavailable_what,
            Self::EmailUnverified => &s.email_unverified_what,
        }
    }

    fn next(self, t: &Text) -> &str {
        let s = &t.sign_in;
        match self {
            Self::Cancelled => &s.cancelled_next,
            Self::Expired => &s.expired_next,
            Self::Rejected => &s.rejected_next,
            Self::Unavailable => &s.unavailable_next,
            Self::EmailUnverified => &s.email_unverified_next,
        }
    }
}

/// The page after a sign-in that did not succeed.
#[derive(Clone, Debug)]
pub struct SignInProblemView {
    /// Why.
    pub problem: SignInProblem,
    /// Where to try again, for example `/auth/google?next=/`.
    pub retry_url: String,
    /// The request's id, for customer service.
    pub request_id: Option<String>,
}

impl SignInProblemView {
    /// The request's id, where there is something to ask customer service about.
    fn request_id_to_tell(&self) -> Option<&str> {
        self.request_id
            .as_deref()
            .filter(|_| self.problem != SignInProblem::Cancelled)
    }
}

#[derive(Template)]
#[template(path = "sign_in_problem.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a SignInProblemView,
    title: &'a str,
    what: &'a str,
    next: &'a str,
}

/// Renders what went wrong at sign-in.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn sign_in_problem(shell: &Shell, view: &SignInProblemView) -> Result<String, askama::Error> {
    let t = shell.text();
    Page {
        shell,
        t,
        v: view,
        title: view.problem.title(t),
        what: view.problem.what(t),
        next: view.problem.next(t),
    }
    .render()
}

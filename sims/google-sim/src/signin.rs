//! Sign in with Google: discovery, the account chooser, codes, ID tokens.

mod authorize;
mod chooser;
mod discovery;
mod id_token;
mod token;
mod userinfo;

pub(crate) use authorize::{AuthCode, Rejected, decide};
pub(crate) use chooser::{choose, show};
pub(crate) use discovery::{certs, configuration};
pub(crate) use token::token;
pub(crate) use userinfo::{avatar, revoke, userinfo};

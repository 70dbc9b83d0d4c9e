//! What people read: the pages, texts, styles and scripts. Plain values in, HTML out.
//!
//! Every page is one function of a [`Shell`] (what all pages share) and a view (what this page shows).
//! Nothing here reads a clock, a file or a request; amounts and times arrive as the text to print.
//! No page has inline script or style, so a policy of `script-src 'self'; style-src 'self'` holds;
//! what the pages load is listed in [`assets::Assets`], and nothing else is meant to be served.

pub mod text;

mod brand;
mod brand_file;
mod shell;
mod status;

mod storefront;

mod handover;

mod order;
mod timeline;

mod orders;

mod receipt;

mod flow;

mod sign_in;

mod message;

mod prose;

mod frame;

mod admin;

pub mod assets;
pub mod money;

pub use admin::{
    AdminFilter, AdminOrderView, AdminOrdersView, AdminRow, CaseOrder, CaseView, Decision, FactRow,
    OpenRefund, PaymentRefund, REASON_CHARS_MAX, RefundActions, RefundCounts, RefundForm,
    RefundReason, RefundRow, RefundState, RefundWay, ReviewRow, TrailRow, Trouble, admin_case,
    admin_order, admin_orders,
};
pub use brand::{Brand, BrandFault, BrandSpec, Color};
pub use flow::{
    CipherFacts, Committed, Expected, FlowRooms, FlowView, HopKind, HopView, Lane, Layer,
    LayerKind, Says, Verdict, addresses as flow_addresses, flow, good_way, shortened_way,
};
pub use frame::{FrameView, RenderError, frame};
pub use handover::{HandoverView, handover};
pub use message::{Link, MessageView, Problem, message};
pub use order::{
    AttemptOutcome, AttemptView, LineItem, OrderView, PayAction, PayReason, PaymentNumber,
    PaymentPlace, order,
};
pub use orders::{OrderRow, OrdersView, orders};
pub use prose::{ProseBlock, ProseView, Topic, prose};
pub use receipt::{ReceiptView, receipt};
pub use shell::{Flash, MemberBadge, SandboxBanner, Shell, ShopLook, When};
pub use sign_in::{SignInProblem, SignInProblemView, sign_in_problem};
pub use status::{Method, OrderStatus, Tone};
pub use storefront::{ProductCard, Stock, StorefrontView, Turnstile, storefront};
pub use text::{Lang, Text};
pub use timeline::{OrderTimes, Step, StepState};

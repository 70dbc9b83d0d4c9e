//! Google's per-minute quotas as token buckets on the sandbox's clock: 60 reads and 60 writes for
//! each user, 300 of each for the project.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::clock::Millis;

/// Which of the two budgets a request draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Read,
    Write,
}

/// One token is a thousand of these, so that a bucket refills by whole numbers.
const WHOLE: i64 = 1000;
const MINUTE_MS: i64 = 60_000;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: i64,
    at: Millis,
}

impl Bucket {
    /// Refills up to `now` and says whether a token is there.
    fn ready(&mut self, per_minute: i64, now: Millis) -> bool {
        let capacity = per_minute.saturating_mul(WHOLE);
        let elapsed = now.saturating_sub(self.at).clamp(0, MINUTE_MS);
        let gained = elapsed.saturating_mul(capacity) / MINUTE_MS;
        if gained > 0 || now < self.at {
            self.level = self.level.saturating_add(gained).min(capacity);
            self.at = now;
        }
        self.level >= WHOLE
    }
}

/// All buckets.
#[derive(Debug, Clone)]
pub(crate) struct Quotas {
    pub(crate) per_user: u32,
    pub(crate) per_project: u32,
    users: HashMap<(String, Kind), Bucket>,
    project: HashMap<Kind, Bucket>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            per_user: 60,
            per_project: 300,
            users: HashMap::new(),
            project: HashMap::new(),
        }
    }
}

impl Quotas {
    /// Takes a token for this user and the project, or tells which limit was hit.
    pub(crate) fn take(&mut self, user: &str, kind: Kind, now: Millis) -> Result<(), Exceeded> {
        let (per_user, per_project) = (i64::from(self.per_user), i64::from(self.per_project));
        let full = |limit: i64| Bucket {
            level: limit.saturating_mul(WHOLE),
            at: now,
        };
        let user_bucket = self
            .users
            .entry((user.to_owned(), kind))
            .or_insert_with(|| full(per_user));
        let project_bucket = self
            .project
            .entry(kind)
            .or_insert_with(|| full(per_project));
        if !user_bucket.ready(per_user, now) {
            return Err(Exceeded {
                kind,
                per_user: true,
                limit: self.per_user,
            });
        }
        if !project_bucket.ready(per_project, now) {
            return Err(Exceeded {
                kind,
                per_user: false,
                limit: self.per_project,
            });
        }
        user_bucket.level -= WHOLE;
        project_bucket.level -= WHOLE;
        Ok(())
    }

    /// Other limits from now on, with full buckets.
    pub(crate) fn set(&mut self, per_user: u32, per_project: u32) {
        *self = Self {
            per_user,
            per_project,
            ..Self::default()
        };
    }
}

/// A quota that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) kind: Kind,
    pub(crate) per_user: bool,
    pub(crate) limit: u32,
}

impl Exceeded {
    /// The sentence that Google answers.
    pub(crate) fn message(self) -> String {
        let (metric, limit) = match (self.kind, self.per_user) {
            (Kind::Read, true) => ("Read requests", "Read requests per minute per user"),
            (Kind::Read, false) => ("Read requests", "Read requests per minute"),
            (Kind::Write, true) => ("Write requests", "Write requests per minute per user"),
            (Kind::Write, false) => ("Write requests", "Write requests per minute"),
        };
        format!(
            "Quota exceeded for quota metric '{metric}' and limit '{limit}' of service 'sheets.googleapis.com' \
             for consumer 'project_number:{PROJECT_NUMBER}'."
        )
    }

    /// `google.rpc.ErrorInfo` and the help link.
    pub(crate) fn details(self) -> Value {
        let (metric, limit) = match (self.kind, self.per_user) {
            (Kind::Read, true) => ("read_requests", "ReadRequestsPerMinutePerUser"),
            (Kind::Read, false) => ("read_requests", "ReadRequestsPerMinutePerProject"),
            (Kind::Write, true) => ("write_requests", "WriteRequestsPerMinutePerUser"),
            (Kind::Write, false) => ("write_requests", "WriteRequestsPerMinutePerProject"),
        };
        json!([
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "sheets.googleapis.com",
                    "consumer": format!("projects/{PROJECT_NUMBER}"),
                    "quota_metric": format!("sheets.googleapis.com/{metric}"),
                    "quota_limit": limit,
                    "quota_limit_value": self.limit.to_string(),
                    "quota_location": "global",
                }
            },
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [{
                    "description": "Request a higher quota limit.",
                    "url": "https://cloud.google.com/docs/quotas/help/request_increase",
                }]
            }
        ])
    }
}

/// The sandbox's Google Cloud project.
pub(crate) const PROJECT_NUMBER: &str = "100000000001";

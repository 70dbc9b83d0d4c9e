//! A whole sign-in, with a token of the test's making.

use std::sync::LazyLock;

use google::sign_in::{
    Authentic, Begun, Callback, Identity, Prompt, SignIn, SignInError, SignInSettings,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::keys::Key;
use crate::provider::{FakeProvider, Keys};

pub(crate) static ONE: LazyLock<Key> = LazyLock::new(|| Key::generate("one"));
pub(crate) static TWO: LazyLock<Key> = LazyLock::new(|| Key::generate("two"));

pub(crate) const CLIENT: &str = "cid.apps.googleusercontent.com";
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const NONCE: &str = "<nonce>";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

pub(crate) struct Flow {
    pub(crate) provider: FakeProvider,
    pub(crate) sign_in: SignIn,
}

impl Flow {
    pub(crate) async fn new() -> Self {
        let provider = FakeProvider::start().await;
        provider.set(|a| {
            a.keys = Keys::Published(vec![json!({"kty": "EC", "kid": "ec"}), ONE.public()]);
        });
        let sign_in = sign_in(&provider.address);
        Self { provider, sign_in }
    }

    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.provider.address, "azp": CLIENT, "aud": CLIENT, "sub": "110169484474386276334",
            "email": "buyer@example.com", "email_verified": true, "name": "王小明",
            "picture": "https://lh3.googleusercontent.com/a/x", "nonce": NONCE, "iat": NOW, "exp": NOW + 3600,
        })
    }

    pub(crate) async fn begin(&self) -> Begun {
        let mut entropy = [0; 96];
        aws_lc_rs::rand::fill(&mut entropy).unwrap();
        self.sign_in
            .begin(entropy, Prompt::Automatic)
            .await
            .unwrap()
    }

    /// A whole sign-in with a token that `make` builds from claims with this flow's nonce.
    pub(crate) async fn with(
        &self,
        at: Timestamp,
        claims: Value,
        make: impl FnOnce(Value) -> String,
    ) -> Outcome {
        let begun = self.begin().await;
        let mut claims = claims;
        if claims["nonce"] == NONCE {
            claims["nonce"] = begun.pending.nonce().into();
        }
        let id_token = make(claims);
        self.provider.set(|a| {
            a.token = (
                200,
                json!({"id_token": id_token, "access_token": "ya29.a", "expires_in": 3599}),
            );
        });
        let query = format!("code=4%2F0Ab&state={}&scope=openid", begun.pending.state());
        self.sign_in
            .finish(&begun.pending, Callback::parse(&query)?, at)
            .await
    }

    pub(crate) async fn good(&self) -> Outcome {
        self.with(now(), self.claims(), |claims| {
            ONE.sign(&header("one"), &claims)
        })
        .await
    }

    pub(crate) async fn code_of(&self, claims: Value) -> &'static str {
        code(
            self.with(now(), claims, |claims| ONE.sign(&header("one"), &claims))
                .await,
        )
    }
}

pub(crate) type Outcome = Result<Authentic<Identity>, SignInError>;

pub(crate) fn sign_in(issuer: &str) -> SignIn {
    let settings = SignInSettings {
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: "the-secret".into(),
        redirect_uri: "http://localhost:8080/auth/google/callback".to_owned(),
    };
    SignIn::new(settings, google::http_client().unwrap())
}

pub(crate) fn header(kid: &str) -> Value {
    json!({"alg": "RS256", "kid": kid, "typ": "JWT"})
}

pub(crate) fn code(outcome: Outcome) -> &'static str {
    outcome.map_or_else(|error| error.code(), |_| "in")
}

//! Systems Manager's Parameter Store, as far as one SecureString goes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::{self, AwsError, Service};
use crate::rate::{Bucket, Held, PAUSES_OF_THE_SDK, Waited};
use crate::stack::{ACCOUNT, REGION, SECRETS_PARAMETER};
use crate::timeline::Timeline;
use crate::wechat::Accounts;

/// Cheap to clone, all clones are the same store.
#[derive(Debug, Clone)]
pub struct Ssm {
    parameter: Arc<Mutex<Parameter>>,
    limited: Arc<Mutex<Option<Limited>>>,
}

/// So many reads in a second (docs/aws.md §4).
#[derive(Debug)]
struct Limited {
    timeline: Timeline,
    reads: Bucket,
    held: Held,
}

impl Limited {
    /// How long a read waits; nothing where it is refused.
    fn admits(&mut self) -> Option<SignedDuration> {
        let now = self.timeline.now();
        if self.reads.owes_at(now) > PAUSES_OF_THE_SDK {
            self.held.refuse();
            return None;
        }
        let waits = self.reads.take(1, now);
        self.held.wait(waits);
        Some(waits)
    }
}

#[derive(Debug)]
struct Parameter {
    value: Value,
    version: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameter {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

/// What a server of the owner's calls the API of the local world with, and the page, to look at any user's reminders.
pub const SERVER_KEY: &str = "server-key-of-the-local-world-only";

/// The example of Standard Webhooks' own libraries; it signs nothing while the settings name no webhook.
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Ssm {
    /// With the secrets of these accounts (docs/design.md §7), what a front before the API adds, if there is one, and what a
    /// server of the owner's says, if it may.
    pub fn new(accounts: &Accounts, origin_secret: Option<&str>, server_key: Option<&str>) -> Self {
        let mut value = secrets(accounts);
        for (name, secret) in [("origin_secret", origin_secret), ("server_key", server_key)] {
            if let Some(secret) = secret {
                value[name] = json!(secret);
            }
        }
        let parameter = Parameter { value, version: 1 };
        Self { parameter: Arc::new(Mutex::new(parameter)), limited: Arc::default() }
    }

    pub fn secrets(&self) -> Value {
        self.lock().value.clone()
    }

    /// What an operator would do with `put-parameter`.
    pub fn change_secrets(&self, change: impl FnOnce(&mut Value)) {
        let mut parameter = self.lock();
        change(&mut parameter.value);
        parameter.version += 1;
    }

    /// From now on no more is read in a second than this.
    pub fn limit_reads(&self, per_second: u32, timeline: &Timeline) {
        let reads = Bucket::new(per_second, per_second, timeline.now());
        *self.limited() = Some(Limited { timeline: timeline.clone(), reads, held: Held::default() });
    }

    /// The reads that waited or were refused.
    pub fn held(&self) -> Held {
        self.limited().as_ref().map_or(Held::default(), |limited| limited.held)
    }

    fn limited(&self) -> MutexGuard<'_, Option<Limited>> {
        self.limited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let is_get = request
            .headers()
            .get("x-amz-target")
            .is_some_and(|target| target.as_bytes() == b"AmazonSSM.GetParameter");
        let waits = match self.limited().as_mut() {
            Some(limited) => limited.admits(),
            None => Some(SignedDuration::ZERO),
        };
        let answered = if waits.is_none() {
            Err(refused("ThrottlingException"))
        } else if is_get {
            self.get_parameter(request.body())
        } else {
            Err(refused("UnknownOperationException"))
        };
        match answered {
            Ok(body) => {
                let mut answer = aws::answer(Service::Ssm, StatusCode::OK, &body);
                answer.extensions_mut().insert(Waited(waits.unwrap_or_default()));
                answer
            }
            Err(error) => error.into_response(Service::Ssm),
        }
    }

    fn get_parameter(&self, body: &[u8]) -> Result<Value, AwsError> {
        let asked: GetParameter =
            serde_json::from_slice(body).map_err(|_| refused("SerializationException"))?;
        let arn = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{SECRETS_PARAMETER}");
        if asked.name != SECRETS_PARAMETER && asked.name != arn {
            return Err(refused("ParameterNotFound"));
        }
        let parameter = self.lock();
        let value = if asked.with_decryption {
            parameter.value.to_string()
        } else {
            // Without decryption a SecureString comes as its ciphertext.
            "AQICAHjkW0n6example0ciphertext".to_owned()
        };
        Ok(json!({ "Parameter": {
            "Name": SECRETS_PARAMETER,
            "Type": "SecureString",
            "Value": value,
            "Version": parameter.version,
            "LastModifiedDate": 1_767_225_600.0,
            "ARN": arn,
            "DataType": "text",
        } }))
    }

    fn lock(&self) -> MutexGuard<'_, Parameter> {
        self.parameter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(exception: &str) -> AwsError {
    AwsError::new(StatusCode::BAD_REQUEST, exception, "")
}

fn secrets(accounts: &Accounts) -> Value {
    let mini_program = &accounts.mini_program;
    let mut secrets = json!({
        "mini_program": {
            "appid": mini_program.appid,
            "app_secret": mini_program.app_secret,
            "callback_token": mini_program.callback_token,
            "encoding_aes_key": mini_program.encoding_aes_key,
            "mode": mini_program.mode,
        },
        "session_signing_key": "made-up-for-the-simulated-world-0123456789abcdef",
        "webhook_secret": WEBHOOK_SECRET,
    });
    if let Some(service_account) = &accounts.service_account {
        secrets["service_account"] = json!({
            "appid": service_account.appid,
            "app_secret": service_account.app_secret,
            "callback_token": service_account.callback_token,
            "encoding_aes_key": service_account.encoding_aes_key,
            "mode": service_account.mode,
            "original_id": service_account.original_id,
        });
    }
    secrets
}

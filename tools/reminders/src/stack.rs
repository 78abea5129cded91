//! A deployed stack's `operations`, invoked with the owner's own credentials: environment, profile, SSO, as the AWS CLI
//! finds them. `template.yaml` names the function after the stack.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_smithy_types::Blob;
use serde_json::Value;

use crate::arguments::{STACK, Where};
use crate::aws;
use crate::failure::{Failure, chain};
use crate::language::Language;
use crate::words::Word;

/// The function has 300 seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(310);

#[derive(Debug)]
pub(crate) struct Stack {
    lambda: Client,
    function: String,
    region: String,
}

impl Stack {
    /// Nothing here is asked yet but who the owner is, on this machine.
    pub(crate) async fn named(at: &Where, language: Language) -> Result<Self, Failure> {
        let config = aws::configuration(at).await?;
        let Some(region) = config.region().map(ToString::to_string) else {
            return Err(Failure::Usage(language.say(Word::NoRegion, &[])));
        };
        // Once: a test message that was sent is not sent again because its answer was lost.
        let lambda = Builder::from(&config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(ANSWER_TIMEOUT).build())
            .build();
        let function = format!("{}-operations", at.stack.as_deref().unwrap_or(STACK));
        Ok(Self { lambda: Client::from_conf(lambda), function, region })
    }

    pub(crate) fn function(&self) -> &str {
        &self.function
    }

    pub(crate) async fn invoke(&self, event: &Value, language: Language) -> Result<Value, Failure> {
        let call = self.lambda.invoke().function_name(&self.function).payload(Blob::new(event.to_string()));
        let answer = call.send().await.map_err(|error| self.unreachable(&error, language))?;
        let payload = answer.payload().map(AsRef::as_ref).unwrap_or_default();
        let value: Value = serde_json::from_slice(payload).unwrap_or_default();
        match answer.function_error() {
            None => Ok(value),
            Some(kind) => {
                let why = value["errorMessage"].as_str().unwrap_or(kind);
                Err(Failure::Broke(language.say(Word::FunctionFailed, &[&why])))
            }
        }
    }

    fn unreachable(&self, error: &SdkError<InvokeError>, language: Language) -> Failure {
        let (function, region) = (&self.function, &self.region);
        Failure::Unreachable(match error {
            SdkError::ServiceError(refused) => {
                let refused = refused.err();
                match refused.code() {
                    Some("ResourceNotFoundException") => language.say(Word::NoFunction, &[function, region]),
                    code => {
                        let code = code.unwrap_or("?");
                        let message = refused.message().unwrap_or_default();
                        language.say(Word::AwsRefused, &[function, &code, &message])
                    }
                }
            }
            other => language.say(Word::AwsUnreachable, &[function, region, &chain(other)]),
        })
    }
}

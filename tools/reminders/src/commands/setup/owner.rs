//! The owner's AWS account, as far as setting up goes: who they are, what the stack is, and the clients to ask with.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

use super::words::Say;
use crate::failure::{Failure, chain};
use crate::language::Language;

#[derive(Debug)]
pub(super) struct Owner {
    pub(super) stack: String,
    pub(super) region: String,
    /// Twelve digits.
    pub(super) account: String,
    pub(super) cloudformation: aws_sdk_cloudformation::Client,
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) ssm: aws_sdk_ssm::Client,
    pub(super) language: Language,
}

/// As CloudFormation tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StackNow {
    pub(super) status: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) outputs: BTreeMap<String, String>,
}

impl Owner {
    /// Asks AWS whose credentials these are.
    pub(super) async fn known_by(
        config: &SdkConfig,
        stack: String,
        region: String,
        language: Language,
    ) -> Result<Self, Failure> {
        let identity = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
        let identity = identity.map_err(|error| match error {
            SdkError::ServiceError(_) => refused("sts:GetCallerIdentity", &error, language),
            other => Failure::Unreachable(language.say(Say::NoCredentials, &[&chain(&other)])),
        })?;
        Ok(Self {
            stack,
            region,
            account: identity.account.unwrap_or_default(),
            cloudformation: aws_sdk_cloudformation::Client::new(config),
            s3: aws_sdk_s3::Client::new(config),
            ssm: aws_sdk_ssm::Client::new(config),
            language,
        })
    }

    /// None: there is no such stack, or only the wish for one.
    pub(super) async fn stack_now(&self) -> Result<Option<StackNow>, Failure> {
        let described = match self.cloudformation.describe_stacks().stack_name(&self.stack).send().await {
            Ok(described) => described,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(self.refused("cloudformation:DescribeStacks", &error)),
        };
        let stack = described.stacks.unwrap_or_default().into_iter().next();
        Ok(stack.map(|stack| {
            let parameters = stack.parameters.unwrap_or_default().into_iter();
            let outputs = stack.outputs.unwrap_or_default().into_iter();
            StackNow {
                status: stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
                parameters: parameters
                    .filter_map(|one| Some((one.parameter_key?, one.parameter_value?)))
                    .collect(),
                outputs: outputs.filter_map(|one| Some((one.output_key?, one.output_value?))).collect(),
            }
        }))
    }

    pub(super) fn refused<E, R>(&self, what: &str, error: &SdkError<E, R>) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        refused(what, error, self.language)
    }
}

/// CloudFormation has no code of its own for it.
fn is_missing<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let SdkError::ServiceError(refused) = error else { return false };
    refused.err().message().is_some_and(|message| message.contains("does not exist"))
}

fn refused<E, R>(what: &str, error: &SdkError<E, R>, language: Language) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(refused) => {
            let (code, message) = (refused.err().code(), refused.err().message());
            let (code, message) = (code.unwrap_or("?"), message.unwrap_or_default());
            Failure::Broke(language.say(Say::AwsRefused, &[&what, &code, &message]))
        }
        other => {
            let why = std::error::Error::source(other).map(chain).unwrap_or_default();
            Failure::Unreachable(language.say(Say::AwsSilent, &[&what, &why]))
        }
    }
}

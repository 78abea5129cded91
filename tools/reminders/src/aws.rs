//! Who the owner is at AWS: environment, profile, SSO, as the AWS CLI finds them.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::arguments::Where;
use crate::failure::{Failure, chain};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Nobody is asked anything yet but this machine.
pub(crate) async fn configuration(at: &Where) -> Result<SdkConfig, Failure> {
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(wechat::tls().map_err(|error| Failure::Broke(chain(&error)))?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .build()
        .map_err(|error| Failure::Broke(chain(&error)))?;
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(reminder_core::aws::http::over(http));
    if let Some(region) = &at.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &at.profile {
        loader = loader.profile_name(profile);
    }
    Ok(loader.load().await)
}

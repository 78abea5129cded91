//! The four functions of the product, as the simulated world hosts them in its own process.

use axum::Router;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::lambda::{Functions, HttpFunction, factory};

/// The functions this program was built with.
pub fn built_in() -> Functions {
    let http = || {
        let unavailable = || async { (StatusCode::SERVICE_UNAVAILABLE, "not built in\n") };
        factory(move |_environment, _clock| Ok(HttpFunction::new(Router::new().fallback(unavailable))))
    };
    let quiet = || {
        let answer = |_event: Value| async { Ok(json!({})) };
        factory(move |_environment, _clock| Ok(answer))
    };
    Functions {
        wechat_callback: http(),
        reminder_api: http(),
        reminder_dispatch: quiet(),
        operations: quiet(),
    }
}

//! Lambda: four functions, each with a pool of execution environments that handle one event at a time.
//!
//! [`pools`] keeps the environments and [`sandbox`] is one, [`asynchronous`] the queue with its retries and dead letters,
//! [`function_url`], [`invoke_api`] and [`processes`] are the faces. An invocation goes on when its caller
//! hangs up, as on AWS.

mod asynchronous;
mod concurrency;
mod dead_letter;
mod function_name;
mod function_url;
mod hosted;
mod http_function;
mod invoke_api;
mod invoke_error;
mod pools;
pub(crate) mod processes;
mod sandbox;

pub use asynchronous::Attempts;
pub use concurrency::Concurrency;
pub use dead_letter::DeadLetter;
pub use function_name::FunctionName;
pub(crate) use function_url::FunctionUrl;
pub use hosted::{Factory, Functions, Hosted, factory};
pub use http_function::HttpFunction;
pub(crate) use invoke_api::InvokeApi;
pub use invoke_error::InvokeError;
pub(crate) use pools::LambdaOptions;
pub use pools::{Lambda, SANDBOXES_MAX};
pub use sandbox::Sandbox;

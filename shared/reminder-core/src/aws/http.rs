//! The SDK's requests, carried by reqwest: one HTTP client and one kind of TLS for AWS and WeChat.
//!
//! The SDK's own client would read all root certificates of the machine, parse them for each of its clients and once
//! more in the first request, and bring HTTP/2 along, which none of our services needs: at start that is more than
//! everything else together.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::{Headers, HttpError, StatusCode};
use aws_smithy_types::body::SdkBody;

/// An HTTP client for the SDK. The SDK's connect and read timeouts do not reach it: `http` has its own.
pub fn over(http: reqwest::Client) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(http));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let request = request.map(reqwest::Body::wrap);
            let request =
                request.try_into().map_err(|error: reqwest::Error| ConnectorError::user(error.into()))?;
            let answer = http.execute(request).await.map_err(failed)?;
            answered(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Both kinds the SDK tries again: every request of ours may be repeated.
fn failed(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
}

fn answered(answer: reqwest::Response) -> Result<HttpResponse, HttpError> {
    let status = StatusCode::try_from(answer.status().as_u16())?;
    let headers = Headers::try_from(answer.headers().clone())?;
    let mut response = HttpResponse::new(status, SdkBody::from_body_1_x(reqwest::Body::from(answer)));
    *response.headers_mut() = headers;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_ssm::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const ANSWER: &str =
        "HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{\"Parameter\":{\"Value\":\"a secret\"}}";

    async fn read_request(socket: &mut TcpStream) -> String {
        let mut request = String::new();
        while !request.ends_with('}') {
            let mut buffer = [0; 4096];
            let length = socket.read(&mut buffer).await.unwrap();
            assert_ne!(length, 0, "cut off after {request}");
            request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
        request
    }

    #[tokio::test]
    async fn a_request_that_is_cut_off_is_sent_again_and_whole() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = reqwest::Client::builder().tls_backend_preconfigured(wechat::tls().unwrap()).no_proxy();
        let config = aws_sdk_ssm::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-southeast-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .http_client(over(http.build().unwrap()));
        let client = aws_sdk_ssm::Client::from_conf(config.build());
        let server = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            let first = read_request(&mut socket).await;
            drop(socket);
            let (mut socket, _) = listener.accept().await.unwrap();
            let second = read_request(&mut socket).await;
            socket.write_all(ANSWER.as_bytes()).await.unwrap();
            (first, second)
        };
        let (answer, (first, second)) =
            tokio::join!(client.get_parameter().name("/reminders/secrets").send(), server);

        assert_eq!(answer.unwrap().parameter.unwrap().value.unwrap(), "a secret");
        for request in [first, second] {
            assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
            assert!(request.contains("content-length: 29\r\n"), "{request}");
            assert!(request.contains("x-amz-target: AmazonSSM.GetParameter\r\n"), "{request}");
            assert!(request.ends_with("{\"Name\":\"/reminders/secrets\"}"), "{request}");
        }
    }
}

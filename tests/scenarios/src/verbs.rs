//! What people do, one verb each: what the phone does by the control API's words, and what the mini program calls.
//!
//! A verb gives back what it was answered and insists on nothing, because now and then it shall fail.

use http::Method;
use serde_json::{Value, json};
use simulator::people::{Answer, Person};

use crate::scene::NOTIFICATION;

pub(crate) trait Verbs {
    /// `wx.login`: the code for the mini program's backend.
    async fn login_code(&self) -> Value;
    /// Finds the service account and follows it.
    async fn follows(&self) -> Answer;
    /// Scans a picture of somebody's code, and follows.
    async fn follows_by_code(&self, image_url: &Value) -> Answer;
    async fn unfollows(&self) -> Answer;
    /// Follows on, and takes no messages any more.
    async fn blocks(&self) -> Answer;
    /// Accepts a prompt for one notification of the service account.
    async fn accepts_notification(&self) -> Answer;
    /// Opens the mini program's customer session by a button with this `session-from`.
    async fn enters_session(&self, session_from: &str) -> Answer;
    /// Writes to an account.
    async fn says(&self, to: &str, content: &str) -> Answer;
    /// Has a code of their own made by the mini program; answers where its picture is.
    async fn asks_for_code(&self) -> Value;
}

impl Verbs for Person {
    async fn login_code(&self) -> Value {
        self.does("login", json!({})).await.body["code"].clone()
    }

    async fn follows(&self) -> Answer {
        self.does("follow", json!({"via": "search"})).await
    }

    async fn follows_by_code(&self, image_url: &Value) -> Answer {
        self.does("follow", json!({"via": "qrcode", "image_url": image_url})).await
    }

    async fn unfollows(&self) -> Answer {
        self.does("unfollow", json!({})).await
    }

    async fn blocks(&self) -> Answer {
        self.does("block", json!({})).await
    }

    async fn accepts_notification(&self) -> Answer {
        self.does("subscribe", json!({"template_ids": [NOTIFICATION], "answer": "accept"})).await
    }

    async fn enters_session(&self, session_from: &str) -> Answer {
        self.does("enter-session", json!({"session_from": session_from})).await
    }

    async fn says(&self, to: &str, content: &str) -> Answer {
        let message = json!({"MsgType": "text", "Content": content});
        self.does("say", json!({"to": to, "message": message})).await
    }

    async fn asks_for_code(&self) -> Value {
        let code = self.calls(Method::POST, "/me/qrcode", Value::Null).await;
        assert_eq!(code.status, 201, "{code}");
        code.body["image_url"].clone()
    }
}

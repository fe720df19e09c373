//! `SessionCoordination`: the lifetime of sessions and of the tokens that go with them.

use wasm_bindgen::prelude::*;

use super::host::CallHost;
use super::management::{publisher, report_to_js};
use super::options::whole;
use super::service::Work;
use super::value::{Slot, Value, object, read, read_open};
use crate::coordination::{
    SignedOut, ValidationRequest, admit_session, process_logout, remove_expired_sessions,
    validate_session,
};
use crate::error::{Code, Error, Result};
use crate::session::ClientSession;

/// A user signs out.
pub fn sign_out(host: CallHost, session: &JsValue, publish: &JsValue) -> Result<Work> {
    let mut signed_out = SignedOut::default();
    let mut client_ids = None;
    let members = &mut [
        ("subjectId", Slot::RequiredText(&mut signed_out.subject_id)),
        ("sessionId", Slot::RequiredText(&mut signed_out.session_id)),
        ("issuer", Slot::Text(&mut signed_out.issuer)),
        ("clients", Slot::Clients(&mut signed_out.clients)),
        ("clientIds", Slot::Texts(&mut client_ids)),
    ];
    // A `UserSession` has more members, which are of no concern here.
    read_open(session, "the session", members)?;
    let more = client_ids.unwrap_or_default().into_iter();
    signed_out.clients.extend(more.map(|client_id| ClientSession { client_id, session_id: None }));
    let mut publish = publisher(publish);
    Ok(Box::pin(async move {
        let options = &host.injected.coordination;
        Ok(report_to_js(&process_logout(&host, options, &signed_out, &mut publish).await?))
    }))
}

/// One pass over what has expired.
pub fn remove_expired(host: CallHost, options: &JsValue) -> Result<Work> {
    let mut batch_size = None;
    let what = "the options of the pass";
    read(options, what, &mut [("batchSize", Slot::Number(&mut batch_size))])?;
    let batch_size = whole(what, "batchSize", batch_size)?;
    Ok(Box::pin(async move {
        let pass = remove_expired_sessions(&host, &host.injected.coordination, batch_size).await?;
        Ok(object(&[
            ("processed", Value::Number(Some(pass.processed as f64))),
            ("more", Value::Flag(pass.more)),
            ("failed", Value::Number(Some(pass.failed as f64))),
        ]))
    }))
}

/// Whether a session is live.
pub fn validate(host: CallHost, request: &JsValue) -> Result<Work> {
    let mut validation = ValidationRequest::default();
    let members = &mut [
        ("subjectId", Slot::RequiredText(&mut validation.subject_id)),
        ("sessionId", Slot::Text(&mut validation.session_id)),
        ("clientId", Slot::RequiredText(&mut validation.client_id)),
    ];
    read(request, "the validation", members)?;
    Ok(Box::pin(async move {
        let valid = validate_session(&host, &host.injected.coordination, &validation).await?;
        Ok(JsValue::from_bool(valid))
    }))
}

/// Enforces the limit after a sign-in.
pub fn admit(host: CallHost, session: &JsValue) -> Result<Work> {
    let (mut subject, mut session_id) = (String::new(), String::new());
    let members = &mut [
        ("subjectId", Slot::RequiredText(&mut subject)),
        ("sessionId", Slot::RequiredText(&mut session_id)),
    ];
    read_open(session, "the session", members)?;
    let Some(limit) = host.injected.coordination.max_sessions_per_subject else {
        let message = "there is no limit to enforce: set `maxSessionsPerSubject`";
        return Err(Error::new(Code::NotConfigured, message));
    };
    Ok(Box::pin(async move {
        Ok(report_to_js(&admit_session(&host, limit, &subject, |_, id| id == session_id).await?))
    }))
}

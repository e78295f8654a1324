use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use cardwright_domain::email::{Language, card_ordered};
use futures_util::stream;

use super::*;
use crate::local::{aws_at, serve};

const SENDER: &str = "cards@city.example";
const HOLDER: &str = "ada.lovelace@city.example";

fn accepted() -> Response {
    let body = "<SendEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">\
                <SendEmailResult>\
                <MessageId>m-1</MessageId></SendEmailResult></SendEmailResponse>";
    ([(CONTENT_TYPE, "text/xml")], body).into_response()
}

fn refused(status: u16, code: &str, words: &str) -> Response {
    let body = format!(
        "<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>\
         <RequestId>R1</RequestId></ErrorResponse>"
    );
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

/// Sends the email to a mail service with these answers; gives the result and the requests.
async fn send(answers: Vec<Response>) -> (Result<MailAnswer>, Vec<String>) {
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&requests);
    let router = Router::new().fallback(move |body: String| {
        keep.lock().unwrap().push(body);
        let answer = answers.lock().unwrap().next().unwrap_or_else(accepted);
        async move { answer }
    });
    let client = aws_at(serve(router).await).ses();
    let mail = Mail {
        pause: Duration::ZERO,
        ..Mail::new(client, SENDER.into()).unwrap()
    };
    let to = EmailAddress::parse(HOLDER).unwrap();
    let message = card_ordered(Language::Sv, "Åsa Öberg", "P-1");
    let answer = mail.send_mail(&to, &message).await;
    let requests = requests.lock().unwrap().clone();
    (answer, requests)
}

#[test]
fn a_request_that_could_not_be_made_was_surely_not_sent() {
    assert!(is_unsent(&SdkError::construction_failure("no key")));
    assert!(!is_unsent(&SdkError::timeout_error("slow")));
}

fn chain(error: &PortError) -> String {
    let errors = std::iter::successors(Some(error as &dyn Error), |&error| error.source());
    let texts: Vec<_> = errors.map(ToString::to_string).collect();
    texts.join(": ")
}

#[tokio::test]
async fn an_email_goes_out_in_utf_8_from_the_sender_to_the_holder() {
    let (answer, requests) = send(vec![accepted()]).await;
    assert_eq!(
        answer.unwrap(),
        MailAnswer::Accepted {
            message_id: "m-1".into()
        }
    );
    for field in [
        "Action=SendEmail",
        "Source=cards%40city.example",
        "Destination.ToAddresses.member.1=ada.lovelace%40city.example",
        "Message.Subject.Data=Ditt%20kort%20%C3%A4r%20best%C3%A4llt",
        "Message.Subject.Charset=UTF-8",
        "Message.Body.Text.Charset=UTF-8",
        "Message.Body.Html.Charset=UTF-8",
    ] {
        assert!(requests[0].contains(field), "{field} in {}", requests[0]);
    }
}

#[tokio::test]
async fn an_address_that_is_refused_is_for_good_and_stays_out_of_the_reason() {
    for (code, words) in [
        (
            "InvalidParameterValue",
            format!("Local address contains control or whitespace: {HOLDER}"),
        ),
        (
            "MessageRejected",
            format!(
                "Email address is not verified. The following identities \
            failed the check in region EU-NORTH-1: {HOLDER}"
            ),
        ),
    ] {
        let (answer, requests) = send(vec![refused(400, code, &words)]).await;
        let reason = format!("the mail service refused it: {code}");
        assert_eq!(answer.unwrap(), MailAnswer::Rejected { reason });
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_fault_of_ours_defers_the_email_and_names_no_address() {
    let words = format!(
        "Email address is not verified. The following identities failed the \
        check in region EU-NORTH-1: {HOLDER}, {SENDER}"
    );
    let (answer, _) = send(vec![refused(400, "MessageRejected", &words)]).await;
    let reason = "MessageRejected".to_owned();
    assert_eq!(answer.unwrap(), MailAnswer::Deferred { reason });
}

#[tokio::test]
async fn a_throttled_email_is_tried_again() {
    let throttled = || refused(400, "Throttling", "Maximum sending rate exceeded.");
    let (answer, requests) = send(vec![throttled(), throttled()]).await;
    assert_eq!(
        answer.unwrap(),
        MailAnswer::Accepted {
            message_id: "m-1".into()
        }
    );
    assert_eq!(requests.len(), 3);
    let (answer, requests) = send((0..MAIL_TRIES).map(|_| throttled()).collect()).await;
    let reason = "Throttling".to_owned();
    assert_eq!(answer.unwrap(), MailAnswer::Deferred { reason });
    assert_eq!(requests.len(), MAIL_TRIES as usize);
}

#[tokio::test]
async fn an_email_that_may_be_out_is_not_sent_again_by_itself() {
    let lost: std::result::Result<&str, _> = Err(std::io::Error::other("the answer is lost"));
    let lost = Body::from_stream(stream::iter([lost])).into_response();
    for answer in [lost, refused(500, "InternalFailure", "")] {
        let (answer, requests) = send(vec![answer]).await;
        let error = answer.unwrap_err();
        assert!(chain(&error).starts_with("ses.SendEmail failed"));
        assert!(!format!("{error:?}").contains('@'));
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn the_sender_is_checked_at_init() {
    let client = aws_at("http://127.0.0.1:1".into()).ses();
    for bad in [
        "",
        "cards",
        "Cards <cards@city.example>",
        "kort@stadshotellet.örebro",
    ] {
        let error = Mail::new(client.clone(), bad.into()).unwrap_err();
        assert!(error.to_string().contains("EMAIL_SENDER"), "{bad}");
    }
}

#[tokio::test]
async fn an_email_that_found_no_mail_service_is_deferred() {
    let client = aws_at("http://127.0.0.1:1".into()).ses();
    let mail = Mail::new(client, SENDER.into()).unwrap();
    let to = EmailAddress::parse(HOLDER).unwrap();
    let message = card_ordered(Language::En, "Ada Lovelace", "P-1");
    let reason = "no connection".to_owned();
    assert_eq!(
        mail.send_mail(&to, &message).await.unwrap(),
        MailAnswer::Deferred { reason }
    );
}

//! The text of the "card ordered" email, which the holder gets when the producer has taken the order.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    Sv,
}

/// An email, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(redacted)")
    }
}

struct Words {
    language: &'static str,
    subject: &'static str,
    greeting: &'static str,
    body: &'static str,
    reference: &'static str,
    footer: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    subject: "Your card has been ordered",
    greeting: "Hello",
    body: "A new card has been ordered for you. The producer has accepted the order and will now make the card. \
           You do not have to do anything until it arrives.",
    reference: "Order reference",
    footer: "If you do not expect a card, please tell your help desk. This message was sent automatically.",
};

const SWEDISH: Words = Words {
    language: "sv",
    subject: "Ditt kort är beställt",
    greeting: "Hej",
    body: "Ett nytt kort har beställts åt dig. Tillverkaren har tagit emot beställningen och tillverkar nu kortet. \
           Du behöver inte göra något förrän det kommer.",
    reference: "Beställningens referens",
    footer: "Om du inte väntar något kort ber vi dig kontakta din helpdesk. Meddelandet skickades automatiskt.",
};

/// Writes the email. The subject is a constant, so that no name can bend a header.
#[must_use]
pub fn card_ordered(language: Language, holder_name: &str, reference: &str) -> Message {
    let words = match language {
        Language::En => &ENGLISH,
        Language::Sv => &SWEDISH,
    };
    let name = one_line(holder_name);
    let Words {
        language,
        subject,
        greeting,
        body,
        reference: label,
        footer,
    } = words;
    let text = format!("{greeting} {name},\n\n{body}\n\n{label}: {reference}\n\n{footer}\n");
    let (name, reference) = (escape_html(&name), escape_html(reference));
    let html = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
         <body>\n<p>{greeting} <bdi>{name}</bdi>,</p>\n<p>{body}</p>\n<p>{label}: {reference}</p>\n<p><small>{footer}</small></p>\n\
         </body>\n</html>\n"
    );
    Message {
        subject: (*subject).to_owned(),
        text,
        html,
    }
}

/// Control characters, line ends and marks that turn the direction of writing become spaces.
fn one_line(text: &str) -> String {
    let bends = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if bends(c) { ' ' } else { c })
        .collect()
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &Message) -> String {
        format!(
            "Subject: {}\n\n{}\n---\n{}",
            message.subject, message.text, message.html
        )
    }

    #[test]
    fn the_email_in_english() {
        insta::assert_snapshot!(shown(&card_ordered(Language::En, "Ada Lovelace", "P-0001")));
    }

    #[test]
    fn the_email_in_swedish() {
        insta::assert_snapshot!(shown(&card_ordered(Language::Sv, "Åsa Öberg", "P-0001")));
    }

    #[test]
    fn a_name_cannot_bend_the_email() {
        let name = "Eve\r\nBcc: x@example.com\u{202e}<script>alert('{{1}}')</script>\"&";
        let message = card_ordered(Language::En, name, "P-0001");
        assert!(!message.subject.contains("Eve"));
        assert!(!message.html.contains("<script>") && !message.html.contains('\u{202e}'));
        insta::assert_snapshot!(shown(&message));
    }
}

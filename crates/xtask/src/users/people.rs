//! Sample users: some that never change, then any number that a seed decides.

use cardwright_domain::user::{UserFields, UserState};
use fastrand::Rng;

use super::names::{LANGUAGES, Language, Order};
use super::well_known::{self, WellKnown};

const PERCENT_INACTIVE: u32 = 3;
const PERCENT_WITHOUT_EMAIL: u32 = 2;
const PERCENT_WITHOUT_UPN: u32 = 1;

const DEPARTMENTS: [&str; 10] = [
    "Engineering",
    "Finance",
    "Human Resources",
    "IT",
    "Kundtjänst",
    "Försäljning",
    "Logistik",
    "Производство",
    "研究開発",
    "Sécurité",
];

/// All sample users of a seed, without end. The first ones are always the well-known people. A user
/// depends on the seed and on their place only, not on how many are taken.
#[derive(Debug)]
pub(crate) struct People {
    random: Rng,
    names: Vec<Names>,
    made: usize,
}

impl People {
    pub(crate) fn of_seed(seed: u64) -> Self {
        let names = LANGUAGES.iter().map(Names::of).collect();
        Self {
            random: Rng::with_seed(seed),
            names,
            made: 0,
        }
    }
}

impl Iterator for People {
    type Item = UserFields;

    fn next(&mut self) -> Option<UserFields> {
        let known = well_known::ALL.get(self.made);
        self.made += 1;
        Some(match known {
            Some(known) => well_known(self.made, known),
            None => random_person(self.made, &mut self.random, &self.names),
        })
    }
}

fn well_known(number: usize, known: &WellKnown) -> UserFields {
    let upn = known.has_upn.then(|| known.address.to_owned());
    UserFields {
        state: known.state,
        given_name: Some(known.given_name.to_owned()),
        family_name: Some(known.family_name.to_owned()),
        upn,
        email: Some(known.address.to_owned()),
        ..person(number, known.common_name(), DEPARTMENTS[0])
    }
}

fn random_person(number: usize, random: &mut Rng, names: &[Names]) -> UserFields {
    let names = &names[random.usize(..names.len())];
    let given = &names.given[random.usize(..names.given.len())];
    let (common_name, family) = match names.order {
        Order::Single => (given.written.clone(), None),
        Order::GivenFamily | Order::FamilyGiven | Order::Joined => {
            let family = &names.family[random.usize(..names.family.len())];
            (names.order.join(given, family), Some(family))
        }
    };
    let department = DEPARTMENTS[random.usize(..DEPARTMENTS.len())];
    let mut happens = |percent| random.u32(..100) < percent;
    let state = if happens(PERCENT_INACTIVE) {
        UserState::Inactive
    } else {
        UserState::Active
    };
    // The number makes the address nobody else's.
    let family_part = family.map_or(String::new(), |family| format!(".{}", family.spelt));
    let address = format!("{}{family_part}.{number}@example.com", given.spelt);
    UserFields {
        state,
        given_name: family.map(|_| given.written.clone()),
        family_name: family.map(|family| family.written.clone()),
        upn: (!happens(PERCENT_WITHOUT_UPN)).then(|| address.clone()),
        email: (!happens(PERCENT_WITHOUT_EMAIL)).then_some(address),
        ..person(number, common_name, department)
    }
}

/// What every sample user has.
fn person(number: usize, common_name: String, department: &str) -> UserFields {
    UserFields {
        user_id: Some(format!("u-{number:07}")),
        state: UserState::Active,
        common_name,
        given_name: None,
        family_name: None,
        upn: None,
        email: None,
        employee_number: Some(format!("E-{number:07}")),
        department: Some(department.to_owned()),
    }
}

/// The lists of a language, taken apart.
#[derive(Debug)]
struct Names {
    order: Order,
    given: Vec<Name>,
    family: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    written: String,
    /// ASCII letters, for addresses.
    spelt: String,
}

impl Names {
    fn of(language: &Language) -> Self {
        let names = |list: &str| list.split_whitespace().map(Name::of).collect();
        Self {
            order: language.order,
            given: names(language.given),
            family: names(language.family),
        }
    }
}

impl Name {
    fn of(entry: &str) -> Self {
        let (written, spelt) = match entry.split_once('/') {
            Some((written, spelt)) => (written, spelt.to_owned()),
            None => {
                let letters = entry.chars().filter(char::is_ascii_alphabetic);
                (entry, letters.collect::<String>().to_ascii_lowercase())
            }
        };
        Self {
            written: written.replace('_', " "),
            spelt,
        }
    }
}

impl Order {
    fn join(self, given: &Name, family: &Name) -> String {
        let (given, family) = (&given.written, &family.written);
        match self {
            Self::GivenFamily => format!("{given} {family}"),
            Self::FamilyGiven => format!("{family} {given}"),
            Self::Joined => format!("{family}{given}"),
            Self::Single => given.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use cardwright_domain::ids::UserId;
    use cardwright_domain::user::User;

    use super::*;

    fn lines(seed: u64, count: usize) -> Vec<String> {
        let people = People::of_seed(seed).take(count);
        people
            .map(|user| serde_json::to_string(&user).unwrap())
            .collect()
    }

    #[test]
    fn a_seed_always_gives_the_same_people() {
        assert_eq!(lines(7, 300), lines(7, 300));
        assert_eq!(lines(7, 300)[..100], lines(7, 100));
        assert_ne!(lines(7, 300), lines(8, 300));
    }

    #[test]
    fn the_well_known_people_come_first_whatever_the_seed() {
        let count = well_known::ALL.len();
        assert_eq!(lines(7, count), lines(8, count));
        let known = well_known::ALL
            .iter()
            .map(|known| Some(known.user_id.to_owned()));
        let people = People::of_seed(7).map(|user| user.user_id);
        assert!(people.take(count).eq(known));
        let anna = serde_json::to_value(People::of_seed(7).next().unwrap()).unwrap();
        let expected = serde_json::json!({
            "userId": "u-0000001",
            "state": "active",
            "commonName": "Anna Lindqvist",
            "givenName": "Anna",
            "familyName": "Lindqvist",
            "upn": "anna.lindqvist@example.com",
            "email": "anna.lindqvist@example.com",
            "employeeNumber": "E-0000001",
            "department": "Engineering",
        });
        assert_eq!(anna, expected);
    }

    #[test]
    fn every_name_has_a_spelling_in_ascii_letters() {
        for names in LANGUAGES.iter().map(Names::of) {
            let single = matches!(names.order, Order::Single);
            assert_eq!(names.family.is_empty(), single);
            for name in names.given.iter().chain(&names.family) {
                let ascii = name.spelt.bytes().all(|b| b.is_ascii_lowercase());
                let written = name.written.is_ascii() || !name.spelt.is_empty();
                let whole = !name.spelt.is_empty() && ascii && written;
                assert!(whole, "{name:?}");
            }
        }
    }

    #[test]
    fn every_person_is_a_valid_user_with_an_address_of_their_own() {
        let fresh = UserId::parse("fresh").unwrap();
        let mut addresses = HashSet::new();
        let (mut inactive, mut without_email, mut without_upn) = (0, 0, 0);
        for fields in People::of_seed(1).take(10_000) {
            inactive += u32::from(fields.state == UserState::Inactive);
            without_email += u32::from(fields.email.is_none());
            without_upn += u32::from(fields.upn.is_none());
            for address in [fields.upn.as_ref(), fields.email.as_ref()] {
                assert!(address.is_none_or(|address| address.is_ascii()));
            }
            if let Some(address) = fields.email.clone().or(fields.upn.clone()) {
                assert!(addresses.insert(address), "an address twice");
            }
            User::parse(fields, &fresh).unwrap();
        }
        for (count, percent) in [
            (inactive, PERCENT_INACTIVE),
            (without_email, PERCENT_WITHOUT_EMAIL),
            (without_upn, PERCENT_WITHOUT_UPN),
        ] {
            assert!(
                (percent * 70..percent * 130).contains(&count),
                "{count} of {percent}%"
            );
        }
    }
}

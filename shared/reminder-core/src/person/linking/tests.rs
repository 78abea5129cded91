//! One line is one case: what happened to a user and a follower before, in order, and what comes of it now. Moments are
//! seconds; `u` is the user in question, `f` the follower, `v` and `g` are others.

use super::*;

fn user(openid: &str) -> User {
    User::new(openid.into(), jiff::Timestamp::UNIX_EPOCH)
}

fn follower(openid: &str) -> Follower {
    let mut follower = Follower::new(openid.into(), jiff::Timestamp::UNIX_EPOCH);
    follower.know(Follow { followed: true, at: Some(0) });
    follower
}

struct People {
    users: [User; 2],
    followers: [Follower; 2],
}

impl People {
    fn after(words: &str) -> Self {
        let mut people = Self { users: [user("u"), user("v")], followers: [follower("f"), follower("g")] };
        words.split(", ").filter(|words| !words.is_empty()).for_each(|words| people.play(words));
        people
    }

    fn pair(&mut self, user: &str, follower: &str) -> (&mut User, &mut Follower) {
        let (user, follower) = (usize::from(user == "v"), usize::from(follower == "g"));
        (&mut self.users[user], &mut self.followers[follower])
    }

    /// `f scans u 5`, `f leaves 5`, `f follows 5`, `f undoes 5`, `u is X` and `f is X`: their unionids, `u meets f`.
    fn play(&mut self, words: &str) {
        let words: Vec<&str> = words.split(' ').collect();
        match words[..] {
            [who, "is", unionid] => {
                let unionid = Some(unionid.into());
                let (user, follower) = self.pair(who, who);
                if matches!(who, "u" | "v") { user.unionid = unionid } else { follower.unionid = unionid }
            }
            [who, "leaves" | "follows", at] => {
                let news = Follow { followed: words[1] == "follows", at: at.parse().ok() };
                self.pair("u", who).1.hear(news);
                for user in ["u", "v"] {
                    self.claims(user, who, Claim::None);
                }
            }
            [who, "scans", user, at] => {
                let at = at.parse().expect("a moment");
                self.pair("u", who).1.hear(Follow { followed: true, at: Some(at) });
                self.claims(user, who, Claim::Scan { at });
            }
            [who, "undoes", at] => self.undoes(who, at.parse().expect("a moment")),
            [user, "meets", who] => drop(self.claims(user, who, Claim::Unionid)),
            _ => panic!("{words:?}"),
        }
    }

    fn claims(&mut self, user: &str, follower: &str, claim: Claim) -> Verdict {
        let (one, other) = self.pair(user, follower);
        let verdict = judge(one, other, claim);
        match verdict {
            Verdict::Link(ground) => {
                for (another_user, another_follower) in
                    [("u", follower), ("v", follower), (user, "f"), (user, "g")]
                {
                    if (another_user, another_follower) != (user, follower) {
                        let (one, other) = self.pair(another_user, another_follower);
                        if ground_of(one, other).is_some() {
                            replace(one, other, ground, |_| true);
                        }
                    }
                }
                let (one, other) = self.pair(user, follower);
                join(one, other, ground);
            }
            Verdict::Part => part(one, other, |_| true),
            Verdict::Linked(_) => tell(one, other),
            Verdict::Refuse(_) => {}
        }
        verdict
    }

    fn undoes(&mut self, who: &str, at: i64) {
        if judge_undo(self.pair("u", who).1, at) != Undoing::Due {
            return;
        }
        let linked = self.pair("u", who).1.link.clone();
        let kept = self.pair("u", who).1.kept.clone();
        self.pair("u", who).1.decided_at = Some(at);
        let linked = linked.map(|link| link.openid.as_str().to_owned());
        if let Some(user) = &linked {
            let (user, follower) = self.pair(user, who);
            part(user, follower, |_| true);
        }
        if let Some(kept) = kept {
            let (user, follower) = self.pair(kept.mini_openid.as_str(), who);
            restore(user, follower, at);
        }
        if let Some(user) = &linked
            && let Some(former) = self.pair(user, who).0.kept.clone()
        {
            let (user, former) = self.pair(user, former.as_str());
            restore(user, former, at);
        }
    }

    /// Whose follower each is, as `u-f v-g`.
    fn links(&self) -> String {
        let of = |user: &User| {
            let follower = user.service_openid()?.as_str();
            let back = self.followers.iter().find(|one| one.openid.as_str() == follower)?;
            let is_mutual = back.link.as_ref().is_some_and(|link| link.openid == user.openid);
            assert!(is_mutual, "{user:?} {back:?}");
            Some(format!("{}-{follower}", user.openid.as_str()))
        };
        self.users.iter().filter_map(of).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn newest_own_scan_wins_in_whatever_order_scans_arrive() {
    for (words, expected) in [
        ("f scans u 5", "u-f"),
        ("f scans u 5, f scans v 7", "v-f"),
        ("f scans v 7, f scans u 5", "v-f"),
        ("f scans v 7, f scans u 5, f scans v 7", "v-f"),
        ("f scans u 5, f scans v 7, f scans u 9", "u-f"),
        ("f scans u 5, f scans v 7, f scans u 5", "v-f"),
        ("f scans v 7, f leaves 5, f scans u 5", "v-f"),
        // Another phone takes the user over, too.
        ("f scans u 5, g scans u 7", "u-g"),
        ("g scans u 7, f scans u 5", "u-g"),
        ("g scans u 7, g leaves 8, f scans u 5", ""),
        ("f scans u 5, g scans v 6, f scans v 7", "v-f"),
        ("f scans u 5, g scans v 6, f scans v 7, g scans u 8", "u-g v-f"),
        // Of one second, what arrived first.
        ("f scans u 5, f scans v 5", "u-f"),
        ("f scans u 5, g scans u 5", "u-f"),
    ] {
        assert_eq!(People::after(words).links(), expected, "{words}");
    }
}

#[test]
fn proof_is_never_moved_by_a_code_and_moves_what_a_code_made() {
    for (words, expected) in [
        ("u is X, f is X, u meets f, f scans v 5", "u-f"),
        ("u is X, f is X, u meets f, g scans u 5", "u-f"),
        ("u is X, f is X, u meets f, f scans u 5", "u-f"),
        ("u is X, f is Y, f scans u 5", ""),
        ("f scans u 5, u is X, f is Y, u meets f", ""),
        ("f scans v 5, u is X, f is X, u meets f", "u-f"),
        ("g scans u 5, u is X, f is X, u meets f", "u-f"),
        ("g scans u 5, u is X, f is X, u meets f, g leaves 6", "u-f"),
        // A code that only says what the unionids say is proof.
        ("u is X, f is X, f scans u 5, f leaves 6", "u-f"),
        ("f scans u 5, u is X, f is X, u meets f, f leaves 6", "u-f"),
        ("f scans u 5, u is X, f is X, u meets f, f undoes 6", "u-f"),
    ] {
        assert_eq!(People::after(words).links(), expected, "{words}");
    }
}

#[test]
fn unfollow_ends_what_was_scanned_before_it_in_whatever_order_they_arrive() {
    for (words, expected) in [
        ("f scans u 5, f leaves 6", ""),
        ("f scans u 5, f leaves 6, f follows 8", ""),
        ("f scans u 5, f follows 8, f leaves 6", ""),
        ("f leaves 6, f scans u 5", ""),
        ("f leaves 6, f follows 8, f scans u 5", ""),
        ("f leaves 6, f follows 8, f scans u 8", "u-f"),
        ("f scans u 8, f leaves 6", "u-f"),
        ("f scans u 5, f leaves 5", "u-f"),
        // Nothing comes back either.
        ("f scans u 5, f scans v 7, f leaves 8, f follows 9, f undoes 10", ""),
        ("f scans u 5, f scans v 7, f follows 9, f leaves 6, f undoes 10", ""),
        ("f scans u 5, f scans v 7, f follows 9, f undoes 10, f leaves 6", ""),
        ("f scans u 5, f scans v 7, f leaves 6", "v-f"),
    ] {
        assert_eq!(People::after(words).links(), expected, "{words}");
    }
}

#[test]
fn undo_brings_back_what_the_scan_replaced() {
    let month = KEPT_FOR.as_secs();
    for (words, expected) in [
        ("f scans u 5, f undoes 6".to_owned(), ""),
        ("f scans u 5, f undoes 5".to_owned(), ""),
        ("f undoes 6, f scans u 5".to_owned(), "u-f"),
        ("f scans u 5, f undoes 6, f scans u 5".to_owned(), ""),
        ("f scans u 5, f undoes 7, f scans v 6".to_owned(), ""),
        ("f scans u 5, f scans v 7, f undoes 8".to_owned(), "u-f"),
        ("f scans u 5, f scans v 7, f undoes 8, f undoes 8".to_owned(), "u-f"),
        ("f scans u 5, f scans v 7, f undoes 8, f undoes 9".to_owned(), ""),
        ("f scans u 5, f scans v 7, f undoes 8, f scans v 7".to_owned(), "u-f"),
        ("f scans u 5, f scans v 7, f undoes 6".to_owned(), "v-f"),
        ("f scans u 5, f undoes 6, f scans v 7, f undoes 6".to_owned(), "v-f"),
        // Only the last scan is undone, and only for a while.
        (format!("f scans u 5, f scans v 7, f undoes {}", 6 + month), "u-f"),
        (format!("f scans u 5, f scans v 7, f undoes {}", 7 + month), ""),
        ("f scans u 5, f scans v 7, f scans u 9, f undoes 10".to_owned(), "v-f"),
        // The user has got another follower, or the follower another user.
        ("f scans u 5, f scans v 7, g scans u 8, f undoes 9".to_owned(), "u-g"),
        ("f scans u 5, g scans u 7, f scans v 8, g undoes 9".to_owned(), "v-f"),
        ("f scans u 5, f scans v 7, u is X, f is Y, f undoes 9".to_owned(), ""),
        // The user gets back the phone from before, and both sides what they had.
        ("f scans u 5, g scans u 7, g undoes 8".to_owned(), "u-f"),
        ("f scans u 5, g scans u 7, f leaves 8, g undoes 9".to_owned(), ""),
        ("f scans u 5, g scans v 6, f scans v 7, f undoes 8".to_owned(), "u-f v-g"),
    ] {
        assert_eq!(People::after(&words).links(), expected, "{words}");
    }
}

#[test]
fn undo_is_answered_alike_when_it_comes_twice_and_passed_over_where_there_is_nothing() {
    use Undoing::{Done, Due, Nothing};
    for (words, at, expected) in [
        ("", 5, Nothing),
        ("u is X, f is X, u meets f", 5, Nothing),
        ("f scans u 5", 5, Due),
        ("f scans u 5", 6, Due),
        ("f scans u 5", 4, Nothing),
        ("f scans u 5, f undoes 6", 6, Done),
        ("f scans u 5, f scans v 7, f undoes 8", 8, Done),
        ("f scans u 5, f undoes 6, f scans v 7", 6, Nothing),
    ] {
        assert_eq!(judge_undo(&People::after(words).followers[0], at), expected, "{words}");
    }
}

#[test]
fn what_was_accepted_on_a_phone_goes_with_the_phone() {
    let credits_of = |words: &str| {
        let mut people = People::after("");
        for (n, follower) in people.followers.iter_mut().enumerate() {
            let template = follower.credits.entry("T".into()).or_default();
            let at = jiff::Timestamp::UNIX_EPOCH;
            for accept in 0..=n {
                assert!(template.accept(&format!("{n} {accept}"), at, false, at));
            }
        }
        words.split(", ").for_each(|words| people.play(words));
        let users = people.users.each_ref().map(|user| user.available("T"));
        let waiting = people
            .followers
            .each_ref()
            .map(|follower| follower.credits.get(&TemplateId::from("T")).map_or(0, Ledger::available));
        [users, waiting].concat()
    };
    // One credit is f's, two are g's: those of u, of v, and those that wait with f and g.
    for (words, expected) in [
        ("f scans u 5", [1, 0, 0, 2]),
        ("f scans u 5, f scans v 7", [0, 1, 0, 2]),
        ("f scans u 5, g scans u 7", [2, 0, 1, 0]),
        ("f scans u 5, g scans v 6, f scans v 7", [0, 1, 0, 2]),
        ("f scans u 5, f leaves 6", [0, 0, 1, 2]),
        ("f scans u 5, f undoes 6", [0, 0, 1, 2]),
        ("f scans u 5, f scans v 7, f undoes 8", [1, 0, 0, 2]),
        ("f scans u 5, u is X, f is Y, u meets f", [0, 0, 1, 2]),
    ] {
        assert_eq!(credits_of(words), expected, "{words}");
    }
}

#[test]
fn follower_of_somebody_forgotten_names_them_no_more_and_keeps_what_may_be_somebody_elses() {
    let at = jiff::Timestamp::UNIX_EPOCH;
    // Who was `u`: what waits with f then, and whether nothing says that f is another person.
    for (words, waiting, is_theirs) in [
        ("f scans u 5", 1, true),
        ("f is Y, f scans u 5", 1, false),
        ("u is X, f is X, u meets f", 0, true),
        ("f scans u 5, f scans v 7", 0, false),
        ("f scans v 5", 0, false),
    ] {
        let mut people = People::after("");
        let template = people.followers[0].credits.entry("T".into()).or_default();
        assert!(template.accept("prompt", at, false, at));
        words.split(", ").for_each(|words| people.play(words));
        let (users, [f, _]) = (&people.users, &mut people.followers);
        forget(&users[0], f, at, |_| true);
        let is_named = f.link.as_ref().is_some_and(|link| link.openid == users[0].openid)
            || f.kept.as_ref().is_some_and(|kept| kept.mini_openid == users[0].openid);
        assert!(!is_named, "{words}");
        let of_follower = f.credits.get(&TemplateId::from("T")).map_or(0, Ledger::available);
        assert_eq!((of_follower, f.forgotten_at.is_some()), (waiting, is_theirs), "{words}");
    }
}

#[test]
fn two_people_are_parted_if_either_names_the_other() {
    for (words, user_names, follower_names, expected) in [
        ("u is X, f is Y", false, false, Verdict::Refuse(Refusal::TwoPeople)),
        ("u is X, f is Y", true, false, Verdict::Part),
        ("u is X, f is Y", false, true, Verdict::Part),
        ("u is X, f is Y", true, true, Verdict::Part),
        ("u is X, f is Y, f scans v 5", false, false, Verdict::Refuse(Refusal::TwoPeople)),
    ] {
        let mut people = People::after(words);
        let (user, follower) = people.pair("u", "f");
        let link =
            |openid: &wechat::OpenId| Some(Link { openid: openid.clone(), ground: Ground::Code { at: 5 } });
        user.link = user_names.then(|| link(&follower.openid)).flatten();
        if follower_names {
            follower.link = link(&user.openid);
        }
        assert_eq!(
            judge(user, follower, Claim::Scan { at: 9 }),
            expected,
            "{words}: {user_names} {follower_names}"
        );
    }
}

#[test]
fn user_is_told_what_becomes_known_of_their_follower() {
    let mut people = People::after("f scans u 5");
    let (user, follower) = people.pair("u", "f");
    follower.know(Follow { followed: false, at: Some(8) });
    follower.block = Block { blocked: true, at: Some(7) };
    let at = jiff::Timestamp::UNIX_EPOCH;
    assert!(follower.credits.entry("T".into()).or_default().accept("prompt", at, false, at));
    tell(user, follower);
    assert_eq!((user.follow, user.block), (follower.follow, follower.block));
    assert_eq!((user.available("T"), follower.credits.len()), (1, 0), "what was accepted goes to them");
}

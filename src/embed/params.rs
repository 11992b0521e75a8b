//! What the address of the page may say.
//!
//! Parameters that nobody knows are ignored; a value that makes no sense falls back to its default
//! and is reported once, in words that name the parameter.

use std::ops::RangeInclusive;

use super::address::read_settings;
use super::shown::{Controls, Panels};
use crate::labs::{LabEntry, Setting};
use crate::small_text::number;
use crate::text;

/// The colours of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system says.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The parameters of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// `seed`: a whole number below 2^64.
    pub seed: Option<u64>,
    /// `servers`: how many.
    pub servers: Option<u8>,
    /// `speed`: virtual time per real time, in parts of a million; written `1/100` or `0.01`.
    pub speed_ppm: Option<u32>,
    /// `theme`: `auto`, `light` or `dark`.
    pub theme: Theme,
    /// `autoplay`: `1` or `0`; unset, the page decides.
    pub autoplay: Option<bool>,
    /// `controls`: `full`, `mini` or `none`.
    pub controls: Controls,
    /// `panels`: names, `all` or `none`; else what goes with the controls.
    pub panels: Panels,
    /// `link`: a run, of a figure that is not at home; at home it stands behind the `#`.
    pub link: Option<String>,
    /// Settings of the lab's protocol, under their own names.
    pub protocol: Vec<Setting>,
}

impl Params {
    /// The slowest and fastest speed, in parts of a million of real time.
    pub const SPEEDS_PPM: RangeInclusive<u32> = 1_000..=1_000_000;

    /// Reads decoded `(name, value)` pairs. The second result lists what had to be ignored, a
    /// sentence each. Of a parameter given twice the first counts.
    pub fn read(pairs: &[(String, String)], entry: &LabEntry) -> (Params, Vec<String>) {
        let (servers, mut complaints) = (&entry.servers, Vec::new());
        let find =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let (fewest, most) = (*servers.start(), *servers.end());
        let controls = checked(
            "controls",
            find("controls"),
            Controls::read,
            text::WANTED_CONTROLS,
            &mut complaints,
        )
        .unwrap_or(Controls::Full);
        let usual = if controls == Controls::Full { Panels::ALL } else { Panels::FEW };
        let params = Params {
            controls,
            panels: checked(
                "panels",
                find("panels"),
                Panels::read,
                text::WANTED_PANELS,
                &mut complaints,
            )
            .unwrap_or(usual),
            seed: checked("seed", find("seed"), number, text::WANTED_SEED, &mut complaints),
            servers: checked(
                "servers",
                find("servers"),
                |text| number(text).filter(|count| servers.contains(count)),
                &text::wanted_whole(fewest, most),
                &mut complaints,
            ),
            speed_ppm: checked(
                "speed",
                find("speed"),
                |text| read_speed(text).filter(|speed| Params::SPEEDS_PPM.contains(speed)),
                text::WANTED_SPEED,
                &mut complaints,
            ),
            theme: checked(
                "theme",
                find("theme"),
                |text| match text {
                    "auto" => Some(Theme::Auto),
                    "light" => Some(Theme::Light),
                    "dark" => Some(Theme::Dark),
                    _ => None,
                },
                text::WANTED_THEME,
                &mut complaints,
            )
            .unwrap_or(Theme::Auto),
            autoplay: checked(
                "autoplay",
                find("autoplay"),
                |text| match text {
                    "1" => Some(true),
                    "0" => Some(false),
                    _ => None,
                },
                text::WANTED_AUTOPLAY,
                &mut complaints,
            ),
            link: find("link").map(str::to_owned),
            protocol: read_settings(pairs, entry.settings, &mut complaints),
        };
        (params, complaints)
    }
}

fn checked<T>(
    name: &str,
    given: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    wanted: &str,
    complaints: &mut Vec<String>,
) -> Option<T> {
    let given = given?;
    let value = read(given);
    if value.is_none() {
        let shown: String = given.chars().take(24).collect();
        complaints.push(text::ignored(name, &shown, wanted));
    }
    value
}

/// `1/250` or `0.004`, as parts of a million.
fn read_speed(text: &str) -> Option<u32> {
    if let Some((top, bottom)) = text.split_once('/') {
        let (top, bottom): (u64, u64) = (number(top.trim())?, number(bottom.trim())?);
        let ppm = top.checked_mul(1_000_000)?.checked_div(bottom)?;
        return u32::try_from(ppm).ok();
    }
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 6 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = if whole.is_empty() { 0 } else { number(whole)? };
    let rest: u32 = number(&format!("{rest:0<6}"))?;
    whole.checked_mul(1_000_000)?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> (Params, Vec<String>) {
        let pairs: Vec<_> = query.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Params::read(&pairs, &crate::labs::LABS[0])
    }

    #[test]
    fn good_values_are_taken() {
        let (params, complaints) = read(&[
            ("seed", "18446744073709551615"),
            ("servers", "7"),
            ("speed", "1/250"),
            ("theme", "dark"),
            ("autoplay", "0"),
        ]);
        assert_eq!(params.seed, Some(u64::MAX));
        assert_eq!(params.servers, Some(7));
        assert_eq!(params.speed_ppm, Some(4_000));
        assert_eq!((params.theme, params.autoplay), (Theme::Dark, Some(false)));
        assert!(complaints.is_empty());
    }

    #[test]
    fn unknown_parameters_are_ignored_without_a_word() {
        let (params, complaints) = read(&[("utm_source", "feed"), ("", "")]);
        assert_eq!((params.seed, params.servers), (None, None));
        assert!(complaints.is_empty());
    }

    #[test]
    fn bad_values_fall_back_and_are_named() {
        let bad = [
            ("controls", "some"),
            ("panels", "story,nonsense"),
            ("seed", "-1"),
            ("servers", "2000"),
            ("speed", "fast"),
            ("theme", "sepia"),
            ("autoplay", "yes"),
        ];
        let (params, complaints) = read(&bad);
        assert_eq!((params.seed, params.servers, params.speed_ppm), (None, None, None));
        assert_eq!((params.theme, params.autoplay), (Theme::Auto, None));
        assert_eq!((params.controls, params.panels), (Controls::Full, Panels::ALL));
        assert_eq!(complaints.len(), bad.len());
        for ((name, _), complaint) in bad.iter().zip(&complaints) {
            assert!(complaint.contains(name), "{complaint}");
        }
    }

    #[test]
    fn speeds_are_read_without_floats() {
        assert_eq!(read_speed("0.01"), Some(10_000));
        assert_eq!(read_speed("1"), Some(1_000_000));
        assert_eq!(read_speed(".5"), Some(500_000));
        for bad in ["", "1/0", "1.2345678", "1e3", "-1", "9999999999", "1/2/3", "."] {
            let speed = read_speed(bad).filter(|speed| Params::SPEEDS_PPM.contains(speed));
            assert_eq!(speed, None, "{bad:?}");
        }
    }
}

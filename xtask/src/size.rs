//! What a reader downloads, at first and on demand: every file of `dist/`, raw and in the two
//! codings that hosts use.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::kit;
use crate::programs::PROGRAMS;
use crate::run::{Checkout, Failure, Outcome};

/// What a first visit may cost, with every lab, in thousands of bytes of brotli. ARCHITECTURE.md
/// says what it is spent on. What is loaded on demand does not count.
pub(crate) const BUDGET_KB: u32 = 244;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sizes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

pub(crate) fn report(checkout: &Checkout, limit_kb: u32) -> Outcome {
    let dist = checkout.dist();
    let files = files_under(&dist).unwrap_or_default();
    if files.is_empty() {
        return Err(Failure::new("there is no page in dist/", "build it with `cargo xtask build`"));
    }
    let (later, first): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|path| PROGRAMS.iter().any(|program| program.has(path)));
    println!("{:>10} {:>10} {:>10}", "raw", "gzip", "brotli");
    // What is in one file is in the others, too, and takes long to compress.
    let first = first.into_iter().filter(|path| !path.ends_with("standalone.html"));
    let (elsewhere, first): (Vec<_>, Vec<_>) = first.partition(|path| kit::has(&dist, path));
    // A figure of the article fetches one of each, when it comes near.
    let told = |path: &PathBuf| {
        let folder = path.strip_prefix(&dist).unwrap_or(path).components().next();
        folder.is_some_and(|it| it.as_os_str() == "scenarios" || it.as_os_str() == "posters")
    };
    let (told, first): (Vec<_>, Vec<_>) = first.into_iter().partition(told);
    let first_visit = table(&dist, &first, "a first visit")?;
    println!();
    table(&dist, &elsewhere, "on other pages, besides the programs")?;
    println!();
    table(&dist, &told, "on demand, two for each figure of the article that comes near")?;
    for program in PROGRAMS {
        let files: Vec<_> = later.iter().filter(|path| program.has(path)).cloned().collect();
        println!();
        table(&dist, &files, &format!("on demand, {}", program.when))?;
    }
    judge(first_visit.brotli, limit_kb)
}

/// Prints a line for each file, and the sum.
fn table(dist: &Path, files: &[PathBuf], what: &str) -> Outcome<Sizes> {
    let mut total = Sizes::default();
    for path in files {
        let name = path.strip_prefix(dist).unwrap_or(path).display().to_string();
        let sizes = fs::read(path).and_then(|bytes| measure(&bytes)).map_err(|error| {
            let what = format!("dist/{name} cannot be read ({error})");
            Failure::new(what, "build it again with `cargo xtask build`")
        })?;
        total.raw += sizes.raw;
        total.gzip += sizes.gzip;
        total.brotli += sizes.brotli;
        print_line(&name, sizes);
    }
    print_line(what, total);
    Ok(total)
}

fn judge(brotli: usize, limit_kb: u32) -> Outcome {
    if brotli <= limit_kb as usize * 1000 {
        println!("a first visit is within its budget of {limit_kb} kB brotli");
        return Ok(());
    }
    println!("a first visit is over its budget of {limit_kb} kB brotli");
    Err(Failure::new(
        format!("a first visit takes {} kB brotli, its budget is {limit_kb} kB", kilobytes(brotli)),
        "find what grew in the table above and make it smaller",
    ))
}

fn print_line(name: &str, sizes: Sizes) {
    let [raw, gzip, brotli] = [sizes.raw, sizes.gzip, sizes.brotli].map(kilobytes);
    println!("{raw:>7} kB {gzip:>7} kB {brotli:>7} kB  {name}");
}

/// Thousands of bytes with one digit after the point, rounded up: a budget is never met by
/// rounding.
fn kilobytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn measure(bytes: &[u8]) -> io::Result<Sizes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    let gzip = gzip.finish()?.len();
    // Quality 11 and a window of 2^22, what hosts use for files compressed ahead of time.
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    brotli.write_all(bytes)?;
    let brotli = brotli.into_inner().len();
    Ok(Sizes { raw: bytes.len(), gzip, brotli })
}

/// All files, sorted, so that two reports can be compared.
fn files_under(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_under(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_round_up() {
        assert_eq!(kilobytes(0), "0.0");
        assert_eq!(kilobytes(1), "0.1");
        assert_eq!(kilobytes(1_000), "1.0");
        assert_eq!(kilobytes(110_001), "110.1");
    }

    #[test]
    fn the_budget_itself_is_within_the_budget() {
        assert!(judge(110_000, 110).is_ok());
        assert!(judge(110_001, 110).is_err());
    }

    #[test]
    fn compression_is_really_done() {
        let sizes = measure(&[b'a'; 10_000]).expect("memory can be written");
        assert_eq!(sizes.raw, 10_000);
        assert!(sizes.gzip < 100 && sizes.brotli < sizes.gzip, "{sizes:?}");
        assert!(sizes.brotli > 0);
    }
}

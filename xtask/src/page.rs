//! The page, built and served by trunk.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::ServeOptions;
use crate::run::{Checkout, Failure, Outcome, find_on_path, run_visibly, say};

/// The page as it is published: one `dist/` that works under any path.
pub(crate) fn build(checkout: &Checkout) -> Outcome {
    say("building the page for publication into dist/");
    let mut trunk = trunk(checkout);
    trunk.args(["build", "--release", "--locked"]);
    with_short_paths(checkout, &mut trunk);
    run_visibly(
        &mut trunk,
        "the page did not build",
        "mend what the compiler or trunk names above",
    )?;
    minify_scripts(checkout)
}

/// Compiles for the browser as for publication.
pub(crate) fn with_short_paths(checkout: &Checkout, command: &mut Command) {
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", short_paths(checkout));
}

/// What wasm-opt is told for the page: trunk reads it from index.html, and so does this.
pub(crate) fn wasm_opt_flags(checkout: &Checkout) -> Vec<String> {
    let page = fs::read_to_string(checkout.root.join("index.html")).unwrap_or_default();
    let flags = page.split_once("data-wasm-opt-params=\"").and_then(|(_, rest)| {
        let (flags, _) = rest.split_once('"')?;
        Some(flags.split_whitespace().map(str::to_owned).collect())
    });
    flags.unwrap_or_default()
}

/// The path of a program among cargo's messages, one JSON object a line, by what its name begins
/// with: cargo builds other programs along with it.
pub(crate) fn program_in(messages: &str, name: &str) -> Option<PathBuf> {
    let paths = messages.split("\"executable\":\"").skip(1);
    let paths = paths.filter_map(|rest| rest.split_once('"'));
    let mut paths = paths.map(|(path, _)| PathBuf::from(path.replace("\\\\", "\\")));
    paths.find(|path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name)))
}

/// Makes a program that a browser can load, as `<name>.js` and `<name>_bg.wasm`, unless those are
/// there and were made from the same.
pub(crate) fn for_the_browser(
    checkout: &Checkout,
    program: &Path,
    name: &str,
    dir: &Path,
    small: bool,
) -> Outcome {
    let wasm = dir.join(format!("{name}_bg.wasm"));
    let (note, of) = (dir.join(format!("{name}.made-from")), made_from(checkout, program, small));
    let is_there = wasm.is_file() && dir.join(format!("{name}.js")).is_file();
    if is_there && of.is_some() && fs::read_to_string(&note).ok() == of {
        return Ok(());
    }
    let _ = fs::remove_file(&note);
    let remedy = "read what it says above";
    let mut bindgen = checkout.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", name, "--out-dir"]);
    run_visibly(bindgen.arg(dir).arg(program), "wasm-bindgen failed", remedy)?;
    if small {
        let mut wasm_opt = checkout.command("wasm-opt");
        wasm_opt.arg("-Oz").args(wasm_opt_flags(checkout)).arg(&wasm).arg("-o").arg(&wasm);
        run_visibly(&mut wasm_opt, "wasm-opt failed", remedy)?;
    }
    // Where it cannot be noted it is made anew each time.
    let _ = of.map(|of| fs::write(&note, of));
    Ok(())
}

/// All that decides what a program for the browser becomes: the program, what is asked of wasm-opt,
/// and the tools themselves, which other versions replace. `None` if any of it is not to be found.
fn made_from(checkout: &Checkout, program: &Path, small: bool) -> Option<String> {
    let mut hash = DefaultHasher::new();
    fs::read(program).ok()?.hash(&mut hash);
    small.then(|| wasm_opt_flags(checkout)).hash(&mut hash);
    let tools: &[&str] = if small { &["wasm-bindgen", "wasm-opt"] } else { &["wasm-bindgen"] };
    for tool in tools {
        let ours = Some(checkout.tools_bin().join(tool)).filter(|tool| tool.is_file());
        let tool = ours.or_else(|| find_on_path(tool))?.canonicalize().ok()?;
        let about = fs::metadata(&tool).ok()?;
        (tool, about.len(), about.modified().ok()?).hash(&mut hash);
    }
    Some(format!("{:016x}", hash.finish()))
}

/// Flags that keep the paths of this machine out of what is published: a panic names its file.
fn short_paths(checkout: &Checkout) -> String {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let registry = cargo_home.map(|home| home.join("registry/src"));
    let sources = registry.and_then(|registry| fs::read_dir(registry).ok());
    let crates = sources.into_iter().flatten().flatten().map(|source| source.path());
    let prefixes = crates.chain([checkout.root.clone()]);
    let flag = |prefix: PathBuf| format!("--remap-path-prefix={}/=", prefix.display());
    // Cargo splits the variable at spaces; a path with one would break the build.
    let flags = prefixes.map(flag).filter(|flag| !flag.contains(' '));
    flags.collect::<Vec<_>>().join(" ")
}

/// Scripts in place, under the names that trunk gave them: a hash of what they said before tells
/// versions apart as well.
fn minify_scripts(checkout: &Checkout) -> Outcome {
    let dist = checkout.dist();
    let files = fs::read_dir(&dist).map_err(|error| {
        Failure::new(format!("dist/ cannot be read ({error})"), "build the page again")
    })?;
    let mut scripts: Vec<_> = files.flatten().map(|file| file.path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "js"));
    let mut esbuild = checkout.command("esbuild");
    esbuild.args(["--minify", "--target=es2022", "--log-level=warning", "--allow-overwrite"]);
    esbuild.arg(format!("--outdir={}", dist.display())).args(scripts);
    run_visibly(&mut esbuild, "the scripts could not be minified", "read what esbuild says above")
}

pub(crate) fn serve(checkout: &Checkout, options: &ServeOptions) -> Outcome {
    let port = options.port;
    if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
        return Err(Failure::new(
            format!("port {port} cannot be used ({error})"),
            "choose another one, as in `cargo xtask serve --port 8081`",
        ));
    }
    say(format_args!("serving the page at http://127.0.0.1:{port}; Ctrl-C ends it"));
    let mut trunk = trunk(checkout);
    trunk.args(["serve", "--locked", "--address", "127.0.0.1", "--public-url", "/"]);
    trunk.args(["--port", &port.to_string()]);
    if options.open {
        trunk.arg("--open");
    }
    if options.release {
        trunk.arg("--release");
        // As the hooks do, or the library would be compiled anew in turns.
        with_short_paths(checkout, &mut trunk);
    }
    run_visibly(&mut trunk, "the server stopped", "read what trunk says above")
}

fn trunk(checkout: &Checkout) -> Command {
    let mut trunk = checkout.command("trunk");
    // No question to a registry whether there is a newer trunk.
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
    // trunk takes the value for a boolean and refuses the customary `NO_COLOR=1`.
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env("NO_COLOR", "true");
    }
    trunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_is_made_from_tells_programs_and_uses_apart() {
        let root = env::temp_dir().join(format!("rift-made-from-{}", std::process::id()));
        let bin = root.join(".tools/bin");
        fs::create_dir_all(&bin).expect("there is room");
        let checkout = Checkout { root: root.clone() };
        let program = root.join("a.wasm");
        assert_eq!(made_from(&checkout, &program, false), None, "there is no program");
        for file in [&bin.join("wasm-bindgen"), &bin.join("wasm-opt"), &program] {
            fs::write(file, "one").expect("there is room");
        }
        let first = [false, true].map(|small| made_from(&checkout, &program, small));
        assert!(first.iter().all(Option::is_some) && first[0] != first[1]);
        assert_eq!(made_from(&checkout, &program, true), first[1]);
        fs::write(bin.join("wasm-opt"), "a newer one").expect("there is room");
        let newer = made_from(&checkout, &program, true);
        assert_ne!(newer, first[1]);
        assert_eq!(made_from(&checkout, &program, false), first[0], "nobody asks wasm-opt");
        fs::write(&program, "two").expect("there is room");
        assert_ne!(made_from(&checkout, &program, true), newer);
        fs::remove_dir_all(root).expect("it was just made");
    }

    #[test]
    fn the_program_is_found_among_the_messages() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
             {\"reason\":\"compiler-artifact\",\"executable\":\"/t/deps/speed-1f.wasm\"}\n\
             {\"reason\":\"compiler-artifact\",\"executable\":\"/t/rift-web.wasm\"}\n\
             {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(program_in(messages, "speed-"), Some(PathBuf::from("/t/deps/speed-1f.wasm")));
        assert_eq!(program_in("{\"executable\":null}{\"executable\":\"/t/a.wasm\"}", "b"), None);
    }
}

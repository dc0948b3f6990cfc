//! Runs every trial of the congestion control and prints the page `docs/CONGESTION.md`: `cargo xtask congestion`.

use gamesockets_tests::congestion::table::Page;

fn main() {
    let page = Page::make(|section| eprintln!("{section} ..."));
    print!("{}", page.text());
    for missed in page.missed() {
        eprintln!("missed: {missed}");
    }
}

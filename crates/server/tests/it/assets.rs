//! The web app's files. A build of the web app may be there or not; the page is there in either case.

use reqwest::Method;

use crate::house::House;

#[tokio::test]
async fn every_page_of_the_app_is_the_app() {
    let house = House::empty().await;
    for path in ["/", "/setup", "/team/team_01h455vb4pex5vsknk084sn02q/unassigned"] {
        let page = house.send(Method::GET, path, &[("accept", "text/html,application/xhtml+xml")], None).await;
        assert_eq!(page.status.as_u16(), 200, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert!(page.header("content-security-policy").contains("script-src 'self'"));
        assert!(page.text.starts_with("<!doctype html>") || page.text.starts_with("<!DOCTYPE html>"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_folder_can_t_be_left() {
    let house = House::empty().await;
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/..%2fpackage.json", "/assets/..%2f..%2fpackage.json"] {
        let answer = house.send(Method::GET, path, &[("accept", "*/*")], None).await;
        answer.problem(404, "not_found");
    }
}

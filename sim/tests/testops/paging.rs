//! Pages as Spring writes them.

use serde_json::json;
use tms_sync_sim::testops::data::{Case, Project};
use tms_sync_sim::{Clock, TestOps};

use super::site::{NOW, ask, get, ids};

async fn crowd(cases: i64) -> TestOps {
    let names = (1..=cases).map(|at| Case::new(&format!("case {:04}", cases - at)).id(at));
    let project = names.fold(Project::new(1), Project::case);
    TestOps::builder()
        .clock(Clock::manual(NOW))
        .project(project)
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_page_has_all_its_members() {
    let testops = crowd(25).await;
    let page = get(
        &testops,
        "/api/testcase/__search?projectId=1&rql=true&page=1&sort=id,ASC",
    )
    .await;
    assert_eq!(ids(&page), (11..=20).collect::<Vec<_>>());
    let sorted = json!({"sorted": true, "unsorted": false, "empty": false});
    for (member, value) in [
        ("number", json!(1)),
        ("size", json!(10)),
        ("numberOfElements", json!(10)),
        ("totalElements", json!(25)),
        ("totalPages", json!(3)),
        ("first", json!(false)),
        ("last", json!(false)),
        ("empty", json!(false)),
        ("sort", sorted.clone()),
        (
            "pageable",
            json!({
                "offset": 10, "pageNumber": 1, "pageSize": 10, "paged": true, "unpaged": false, "sort": sorted
            }),
        ),
    ] {
        assert_eq!(page[member], value, "{member}");
    }
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_last() {
    let testops = crowd(3).await;
    let page = get(&testops, "/api/testcase/__search?projectId=1&rql=&page=7&size=2").await;
    assert_eq!(
        (&page["content"], &page["empty"], &page["last"]),
        (&json!([]), &json!(true), &json!(true))
    );
    assert_eq!((&page["number"], &page["totalPages"]), (&json!(7), &json!(2)));
}

#[tokio::test]
async fn a_size_beyond_the_cap_is_lowered_silently() {
    let testops = crowd(2_001).await;
    let page = get(&testops, "/api/testcase/__search?projectId=1&rql=true&size=5000").await;
    assert_eq!(
        (&page["size"], &page["numberOfElements"], &page["last"]),
        (&json!(2000), &json!(2000), &json!(false))
    );
}

#[tokio::test]
async fn rows_come_in_the_order_asked_for() {
    let testops = crowd(12).await;
    let by_default = get(&testops, "/api/testcase/__search?projectId=1&rql=true&size=3").await;
    assert_eq!(ids(&by_default), [12, 11, 10]);
    let by_name = get(
        &testops,
        "/api/testcase/__search?projectId=1&rql=true&size=3&sort=name,ASC",
    )
    .await;
    assert_eq!(ids(&by_name), [12, 11, 10]);
    let twice = get(
        &testops,
        "/api/testcase/__search?projectId=1&rql=true&size=3&sort=createdDate,DESC&sort=id",
    )
    .await;
    assert_eq!(ids(&twice), [1, 2, 3]);
    assert_eq!(
        ask(&testops, "/api/testcase/__search?projectId=1&rql=true&sort=colour")
            .await
            .status(),
        400
    );
}

//! The runner fails where a page is wrong, and says where.

use super::*;

async fn run(page: &str) -> Result<()> {
    let is_good = |text: &str, _: &Path| {
        ensure!(text.contains("good"), "bad wit");
        Ok(())
    };
    Scenario::open()?.check("wit", is_good).run(&Document::of("page.md", page)?).await
}

/// What the runner says about a page that is wrong.
async fn complaint(page: &str) -> String {
    let error = run(page).await.expect_err("the page is wrong");
    format!("{error:#}")
}

#[tokio::test]
async fn a_page_that_is_right_passes() -> Result<()> {
    let page = "# Page\n\n```console\n$ mkdir inner && cd inner\n$ echo one; echo two\none\n...\n```\n\n\
                ```text title=\"folder/file\"\nalpha\nbeta\n```\n```text title=\"folder/file\" append\ngamma\n```\n\
                ```diff title=\"folder/file\"\n-beta\n+BETA\n```\n```text title=\"folder/file\" excerpt\nBETA\n```\n\
                ```console\n$ cat \\\n>  folder/file\nalpha\nBETA\ngamma\n```\n\
                ```console exit=3\n$ true\n$ (echo so && exit 3)\nso\n```\n```json\n{}\n```\n```wit\ngood\n```\n";
    run(page).await
}

#[tokio::test]
async fn a_command_that_fails_and_one_that_should_have_are_named_with_their_line() {
    let said = complaint("text\n\n```console\n$ true\n$ echo oh no; false\n```\n").await;
    assert!(said.contains("page.md:5: `echo oh no; false` ended with 1 instead of 0"), "{said}");
    assert!(said.contains("oh no"), "{said}");
    let said = complaint("```console exit=1\n$ true\n```\n").await;
    assert!(said.contains("page.md:2: `true` ended with 0 instead of 1"), "{said}");
}

#[tokio::test]
async fn output_that_differs_is_shown_beside_what_the_page_has() {
    let said = complaint("```console\n$ echo other\nsame\n```\n").await;
    assert!(said.contains("printed\nother\n--- instead of\nsame\n"), "{said}");
}

#[tokio::test]
async fn no_block_escapes() {
    let said = complaint("```console\n$ true\n```\n\n```sh\nrm -rf /\n```\n").await;
    assert!(said.contains("page.md:5") && said.contains("escape"), "{said}");
    assert!(complaint("```\nwhat is this\n```\n").await.contains("escape"));
    assert!(complaint("```json\n{\n```\n").await.contains("not JSON"));
    assert!(complaint("```wit\nother\n```\n").await.contains("bad wit"));
    assert!(complaint("```console\nls\n```\n").await.contains("does not begin"));
    assert!(complaint("```rust slow\n1\n```\n").await.contains("only `console`"));
    assert!(Document::of("page.md", "no blocks").is_err());
}

#[tokio::test]
async fn a_file_that_is_not_as_shown_or_not_used_is_an_error() {
    let said = complaint("```console\n$ echo a > file\n```\n```text title=\"file\" excerpt\nb\n```\n").await;
    assert!(said.contains("page.md:4: this does not stand in file"), "{said}");
    let said = complaint("```console\n$ true\n```\n```text title=\"file\"\nb\n```\n").await;
    assert!(said.contains("page.md:4: no command after"), "{said}");
    assert!(complaint("```diff title=\"file\"\n+b\n```\n").await.contains("read file"));
}

#[tokio::test]
async fn slow_blocks_run_only_when_asked_for() -> Result<()> {
    let document = Document::of("page.md", "```console slow\n$ false\n```\n")?;
    Scenario::open()?.run(&document).await?;
    assert!(Scenario::open()?.slow().run(&document).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_section_and_another_word_can_be_chosen() -> Result<()> {
    let page = "# Page\n## One\n```console\n$ echo one\none\n```\n## Two\n```console\n$ false\n```\n";
    let document = Document::of("page.md", page)?.section("One")?.with("one", "eins")?;
    Scenario::open()?.run(&document).await?;
    assert!(Document::of("page.md", page)?.section("Three").is_err());
    assert!(Document::of("page.md", page)?.with("three", "drei").is_err());
    Ok(())
}

#[tokio::test]
async fn a_server_stands_where_the_page_says_and_knows_the_account() -> Result<()> {
    let page = "```console\n$ curl -s http://127.0.0.1:3000/health -o /dev/null -w '%{http_code} %{url}\\n'\n\
                200 http://127.0.0.1:3000/health\n\
                $ curl -s http://127.0.0.1:3000/api/auth/login -H 'content-type: application/json' \\\n>  \
                -d \"{\\\"email\\\": \\\"you@example.com\\\", \\\"password\\\": \\\"$PASSWORD\\\"}\"\n\
                ...\"token\":...\n```\n";
    let mut scenario = Scenario::open()?;
    scenario.run(&Document::of("page.md", page)?).await?;
    assert_eq!(scenario.steps().len(), 2);
    Ok(())
}

/**
 * What the tests of the console do on the page, and read from it.
 *
 * @module
 */

/** Opens the console and waits until it has listed something, or says why it has not. */
export async function open(page, url) {
  await page.goto(url);
  await settled(page);
}

/** Waits until the list is there and complete, or a problem is said. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const isShown = (element) => element.checkVisibility();
    const isIdle = document.querySelector("#results").ariaBusy !== "true";
    return isIdle && [...document.querySelectorAll("#pager, .problem")].some(isShown);
  });
}

/** Waits until the pager says that this page is shown. */
export async function onPage(page, number) {
  await page.getByTestId("page-number").getByText(`page ${number} of`).waitFor();
  await settled(page);
}

/** Clicks something that lists anew, and waits until that is done. */
export async function clickAndSettle(page, testId) {
  await page.getByTestId(testId).click();
  await settled(page);
}

/** Fills fields of the filter, by their test ids without `filter-`, and applies it. */
export async function filter(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.getByTestId(`filter-${name}`);
    await (["state", "order", "size"].includes(name)
      ? field.selectOption(value)
      : field.fill(value));
  }
  await clickAndSettle(page, "apply-filter");
}

/** The rows as they are shown. */
export function rows(page) {
  return page.getByTestId("session-row").evaluateAll((elements) =>
    elements.map((row) => ({
      subjectId: row.querySelector(".subject .id").textContent,
      sessionId: row.querySelector(".session .id").title,
      displayName: row.querySelector(".name").textContent,
      clients: [...row.querySelectorAll(".tags .tag")].map((tag) => tag.textContent),
      created: row.querySelectorAll("time")[0].dateTime,
      isExpired: row.querySelector(".tag.expired") !== null,
      isOwn: row.querySelector(".own").checkVisibility(),
    })),
  );
}

/** The number in the total. */
export async function total(page) {
  return Number.parseInt((await page.getByTestId("total").textContent()).replaceAll(",", ""), 10);
}

/**
 * Opens the dialog of the row that shows this session, by its button, and waits until it says what
 * would happen.
 */
export async function openDialog(page, sessionId, button = "end-session") {
  const row = page
    .getByTestId("session-row")
    .filter({ has: page.locator(`[title="${sessionId}"]`) });
  await row.getByTestId(button).click();
  await previewed(page);
}

/** Waits until the dialog says what would happen. */
export async function previewed(page) {
  await page.locator("#end-preview[aria-busy=false] > *").first().waitFor();
}

/** Numbers by their names, from the dialog's preview or report. */
export function counts(page, testId) {
  return page.getByTestId(testId).evaluate((element) => {
    const pairs = [...element.querySelectorAll(".counts div")].map((div) => [
      div.querySelector("dt").textContent,
      Number(div.querySelector("dd").textContent),
    ]);
    return Object.fromEntries(pairs);
  });
}

/** The deliveries of the report: their cells by name. */
export function deliveries(page) {
  return page
    .getByTestId("delivery")
    .evaluateAll((elements) =>
      elements.map((row) =>
        Object.fromEntries([...row.cells].map((cell) => [cell.className, cell.textContent])),
      ),
    );
}

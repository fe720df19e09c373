/**
 * Runs in the page before the console: records its calls of the admin API, and makes some of them
 * fail. In both modes, so that each fault is tested in both.
 */
(() => {
  const calls = [];
  const faults = [];

  async function intercept(request, next) {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^.*\/v1\//, "") + url.search;
    const body = request.method === "POST" ? await request.clone().text() : "";
    const call = { method: request.method, path, body: body === "" ? undefined : JSON.parse(body) };
    calls.push(call);
    const fault = faults.find(
      ({ method = call.method, path: pattern }) =>
        method === call.method && new RegExp(pattern).test(path),
    );
    if (fault === undefined) return next(request);
    if (fault.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
    }
    if (fault.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delay));
    switch (fault.kind) {
      case "problem":
        return new Response(
          JSON.stringify({
            type: "about:blank",
            title: fault.code,
            status: fault.status,
            code: fault.code,
            detail: fault.detail ?? "the test made this call fail",
            ...(fault.signIn !== undefined && { signIn: fault.signIn }),
          }),
          { status: fault.status, headers: { "content-type": "application/problem+json" } },
        );
      case "offline":
        throw new TypeError("Failed to fetch");
      case "lost":
        // The call has its effect, and its answer doesn't arrive.
        await next(request);
        throw new TypeError("Failed to fetch");
      case "malformed":
        // The connection broke in the middle of the answer.
        return new Response('{"results":[{', {
          headers: { "content-type": "application/json" },
        });
      case "html":
        return new Response("<h1>Bad gateway</h1>", {
          status: fault.status ?? 502,
          headers: { "content-type": "text/html" },
        });
      default:
        return next(request);
    }
  }

  globalThis.rollcallCalls = calls;
  globalThis.rollcallFaultList = faults;
  globalThis.rollcallFaults = intercept;
  const network = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    return new URL(request.url).pathname.includes("/v1/")
      ? intercept(request, (forwarded) => network(forwarded))
      : network(request);
  };
})();

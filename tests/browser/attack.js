// Runs in a page: tries each way on each path. Returns what the page could read, as
// [way, path, text]; the refusal itself, where a page may see it, is not counted.
async (target, paths, methods, ways, changes) => {
  const read = [];
  const note = (way, path, text) => {
    let status;
    try { status = JSON.parse(text).status; } catch { /* no JSON, so no refusal */ }
    if (status !== 403) read.push([way, path, text.slice(0, 200)]);
  };
  const settled = (element, good, bad = "error") => new Promise((resolve) => {
    element.addEventListener(good, () => resolve(true));
    element.addEventListener(bad, () => resolve(false));
    setTimeout(() => resolve(false), 5000);
  });
  const add = (name, attributes) =>
    document.documentElement.appendChild(Object.assign(document.createElement(name), attributes));
  const bodies = changes.map((change) => JSON.stringify(change));

  const fetched = async (path, method, options) => {
    try {
      const response = await fetch(target + path, { method, credentials: "include", ...options });
      if (response.type !== "opaque" && method !== "HEAD") note("fetch", path, await response.text());
    } catch { /* nothing was read */ }
  };
  const framed = async (way, path, frame) => {
    await settled(frame, "load");
    let document;
    try { document = frame.contentDocument; } catch { /* of another origin */ }
    const text = document?.body?.textContent;
    if (text && document.URL !== "about:blank") note(way, path, text);
    frame.remove();
  };

  const tries = {
    fetch: (path) => methods.flatMap((method) => ["cors", "no-cors"].flatMap((mode) => {
      if (mode === "no-cors" && !["GET", "HEAD", "POST"].includes(method)) return [];
      if (["GET", "HEAD"].includes(method)) return [fetched(path, method, { mode })];
      const types = ["text/plain", "application/x-www-form-urlencoded", "application/json"];
      return types.flatMap((type) => bodies.map((body) =>
        fetched(path, method, { mode, body, headers: { "Content-Type": type } })));
    })),
    // A form with enctype=text/plain sends NAME=VALUE: the = goes into the value of a first key,
    // which the change then overrides. A form without fields sends an empty body.
    form: (path) => [...changes, null].map((change, index) => {
      const frame = add("iframe", { name: `form ${index} ${path}` });
      const form = add("form", {
        method: "post", enctype: "text/plain", action: target + path, target: frame.name,
      });
      if (change) {
        const key = Object.keys(change)[0] ?? "x";
        const value = `",${JSON.stringify(change).slice(1)}`.replace(/,}$/, "}");
        form.append(Object.assign(document.createElement("input"), { name: `{"${key}":"`, value }));
      }
      form.submit();
      return framed("form", path, frame);
    }),
    beacon: (path) => bodies.map((body) =>
      navigator.sendBeacon(target + path, new Blob([body], { type: "text/plain" }))),
    frame: (path) => [framed("frame", path, add("iframe", { src: target + path }))],
    element: (path) => [["img", "src"], ["script", "src"], ["link", "href"]].map(
      async ([name, attribute]) => {
        const element = add(name, { rel: "stylesheet", [attribute]: target + path });
        if (await settled(element, "load")) note(name, path, "(loaded)");
      }),
    "event-source": (path) => [(async () => {
      const source = new EventSource(target + path);
      if (await settled(source, "open")) note("event-source", path, "(open)");
      source.close();
    })()],
    "web-socket": (path) => [(async () => {
      const socket = new WebSocket(target.replace("http", "ws") + path);
      if (await settled(socket, "open")) note("web-socket", path, "(open)");
      socket.close();
    })()],
  };
  await Promise.all(ways.flatMap((way) => paths.flatMap((path) => tries[way](path))));
  return read;
}

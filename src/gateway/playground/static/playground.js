// The page around GraphiQL: it signs in, hands the token from tab to tab, and tells how long an answer took.
// Tokens, documents, variables and answers live in the memory of this page only.
"use strict";

(() => {
  const { createElement: h, Fragment, useEffect, useMemo, useRef, useState } = React;
  const root = document.getElementById("playground");
  const opening = JSON.parse(root.dataset.opening);
  const runKey = GraphiQL.React.isMacOs ? "⌘ Enter" : "Ctrl+Enter";

  // GraphiQL would keep tabs, history and headers. Only how the page looks is kept.
  const LOOKS = new Set(
    ["theme", "editorFlex", "secondaryEditorFlex", "docExplorerFlex"].map((key) => `graphiql:${key}`),
  );
  const looks = {
    getItem: (key) => (LOOKS.has(key) ? attempt(() => localStorage.getItem(key)) : null),
    setItem: (key, value) => LOOKS.has(key) && attempt(() => localStorage.setItem(key, value)),
    removeItem: (key) => LOOKS.has(key) && attempt(() => localStorage.removeItem(key)),
    clear: () => LOOKS.forEach((key) => looks.removeItem(key)),
    length: 0,
  };

  /** Do without storage where the browser forbids it. */
  function attempt(access) {
    try {
      return access();
    } catch {
      return null;
    }
  }

  /** Return whether the document has an operation of the name. */
  function has(query, operationName) {
    const { definitions } = attempt(() => GraphiQL.GraphQL.parse(query)) ?? { definitions: [] };
    return definitions.some(({ kind, name }) => kind === "OperationDefinition" && name?.value === operationName);
  }

  /** Return a fetcher that tells `onAnswer` about every answer but that of introspection. */
  function asking(onAnswer) {
    return async ({ query, variables, operationName }, { headers } = {}) => {
      // For a moment after a change of tabs GraphiQL gives the name of the last tab's operation.
      const asked = { query, variables, operationName: has(query, operationName) ? operationName : undefined };
      const started = performance.now();
      const response = await fetch("graphql", {
        method: "POST",
        headers: { Accept: "application/graphql-response+json", "Content-Type": "application/json", ...headers },
        body: JSON.stringify(asked),
        credentials: "omit",
        redirect: "error",
      });
      const text = await response.text();
      const milliseconds = Math.max(1, Math.round(performance.now() - started));
      const result = attempt(() => JSON.parse(text));
      if (!result) throw new Error(`HTTP ${response.status}, and the answer is no JSON.`);
      if (operationName !== "IntrospectionQuery") {
        onAnswer(result, { status: response.status, milliseconds, bytes: new Blob([text]).size });
      }
      return result;
    };
  }

  /** Return who has signed in by the result, whichever mutation did it. */
  function signedInBy(result) {
    const payload = Object.values(result.data ?? {}).find((value) => value?.authentication?.token);
    return payload && { token: payload.authentication.token, username: payload.user?.username };
  }

  /** Return whether the session of the page has ended by the result. */
  function isSignedOutBy(result) {
    return Object.values(result.data ?? {}).some((value) => value?.__typename === "SignOutSuccess");
  }

  function* idsIn(value) {
    if (value === null || typeof value !== "object") return;
    if (typeof value.id === "string") yield value.id;
    for (const inner of Object.values(value)) yield* idsIn(inner);
  }

  /** Return the id to refetch after the result: its first order's, or else its first. */
  function idIn(result) {
    const ids = [...idsIn(result.data)];
    return ids.find((id) => id.startsWith("ord_")) ?? ids[0];
  }

  /** Return headers with the token of the session, or without any; text that is no JSON stays, or goes. */
  function authorized(text, session) {
    try {
      const all = Object.entries(JSON.parse(text || "{}"));
      const others = all.filter(([name]) => name.toLowerCase() !== "authorization");
      const headers = session ? [["Authorization", `Bearer ${session.token}`], ...others] : others;
      return headers.length ? JSON.stringify(Object.fromEntries(headers), null, 2) : "";
    } catch {
      return session ? text : "";
    }
  }

  /** Once for each tab after a sign-in, write the token where it can be seen and edited; after a sign-out, drop it. */
  function useToken({ tabs, activeTabIndex, headerEditor }, session) {
    const written = useRef(new Map());
    const { id } = tabs[activeTabIndex];
    useEffect(() => {
      if (!headerEditor || (written.current.get(id) ?? null) === session) return;
      written.current.set(id, session);
      headerEditor.setValue(authorized(headerEditor.getValue(), session));
    }, [id, headerEditor, session]);
  }

  /** Fill a blank `id` among the variables, and what was filled in before. */
  function useId({ tabs, activeTabIndex, variableEditor }, found) {
    const filled = useRef("");
    const { id } = tabs[activeTabIndex];
    useEffect(() => {
      if (!found || !variableEditor) return;
      const variables = attempt(() => JSON.parse(variableEditor.getValue()));
      if (variables?.id !== "" && variables?.id !== filled.current) return;
      filled.current = found;
      variableEditor.setValue(JSON.stringify({ ...variables, id: found }, null, 2));
    }, [id, variableEditor, found]);
  }

  /** The line under the answer: what it cost, and where to go on. */
  function Status({ session, found, cost }) {
    const editors = GraphiQL.React.useEditorContext();
    const { tabs, activeTabIndex, changeTab } = editors;
    const [costs, setCosts] = useState(new Map());
    const tab = tabs[activeTabIndex];
    const next = tabs[activeTabIndex + 1];
    useToken(editors, session);
    useId(editors, found);
    useEffect(() => {
      document.querySelector(".graphiql-tab-active")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }, [tab.id]);
    useEffect(() => {
      if (cost) setCosts((known) => new Map(known).set(tab.id, cost));
    }, [cost]);

    const own = costs.get(tab.id);
    if (!own) {
      return h("p", { className: "invitation" }, "Press ", h("kbd", null, "▶"), " or ", h("kbd", null, runKey));
    }
    const size = own.bytes < 1000 ? `${own.bytes} B` : `${(own.bytes / 1000).toFixed(1)} kB`;
    return h("p", { className: "status" },
      h("span", null, `HTTP ${own.status} · ${own.milliseconds} ms · ${size}`),
      next &&
        h("button", { type: "button", onClick: () => changeTab(activeTabIndex + 1) }, `Next: ${next.title} →`));
  }

  function Bar({ session, onForget }) {
    const links = opening.channels.map((code) => {
      const current = code === opening.channel ? "page" : undefined;
      return h("a", { key: code, href: `../${encodeURIComponent(code)}/graphql`, "aria-current": current }, code);
    });
    return h("header", { className: "bar" },
      h("span", { className: "brand" }, "Customers gateway"),
      h("nav", { "aria-label": "Channels" }, ...links),
      h("span", { className: "who", role: "status" },
        session ? "Signed in as " : "Not signed in", session && h("b", null, session.username)),
      session && h("button", {
        type: "button", title: "Forget the token, the answers and the history", onClick: onForget,
      }, "Forget"));
  }

  function Playground() {
    const [session, setSession] = useState(null);
    const [found, setFound] = useState(null);
    const [cost, setCost] = useState(null);
    const [round, setRound] = useState({ number: 0, tabs: opening.tabs });
    const edited = useRef(opening.tabs);

    const fetcher = useMemo(() => asking((result, measured) => {
      const newcomer = signedInBy(result);
      if (newcomer) {
        setSession((last) => ({ ...newcomer, username: newcomer.username ?? last?.username ?? "a user" }));
      }
      if (isSignedOutBy(result)) setSession(null);
      setFound((last) => idIn(result) ?? last);
      setCost(measured);
    }), []);

    /** Begin anew with the documents and variables as they are: all else goes with the old components. */
    function forget() {
      const tabs = edited.current.map(({ query, variables, headers }) => (
        { query, variables, headers: authorized(headers, null) }));
      setSession(null);
      setFound(null);
      setCost(null);
      setRound(({ number }) => ({ number: number + 1, tabs }));
    }

    return h(Fragment, null,
      h(Bar, { session, onForget: forget }),
      h(GraphiQL, {
        key: round.number,
        fetcher,
        storage: looks,
        shouldPersistHeaders: false,
        defaultTabs: round.tabs,
        variables: round.tabs[0].variables, // GraphiQL takes the first tab's from here
        defaultQuery: "",
        defaultEditorToolsVisibility: "variables",
        inputValueDeprecation: true,
        onTabChange: ({ tabs }) => { edited.current = tabs; },
      },
      h(GraphiQL.Logo, null, h(Fragment)),
      h(GraphiQL.Footer, null, h(Status, { session, found, cost }))));
  }

  ReactDOM.createRoot(root).render(h(Playground));
})();

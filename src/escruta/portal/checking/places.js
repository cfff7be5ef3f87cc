// Where files are read from: the server that this page came from, or a folder or files that the reader chose. Paths go from the site's folder.
"use strict";

const places = (() => {
  /** Takes `.` and `..` out of a path; what leads above all is kept, so that nothing is found there. */
  function plain(path) {
    const kept = [];
    for (const part of path.split("/")) {
      if (part === ".." && kept.length && kept[kept.length - 1] !== "..") kept.pop();
      else if (part !== "." && part !== "") kept.push(part);
    }
    return kept.join("/");
  }

  /** Reads what stands beside this page; null where there is nothing. */
  function onServer(base) {
    return {
      async read(path) {
        const plainly = /^https?:/.test(path) ? path : path.split("/").map(encodeURIComponent).join("/");
        const address = new URL(plainly, base);
        try {
          const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
          return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
        } catch (error) {
          return null; // no network, or another host, where this page may not ask
        }
      },
    };
  }

  /** Reads what was chosen: a folder that holds the record, or its site alone; or single files, known by their names. */
  function chosen(files) {
    const byPath = new Map(files.map((file) => [file.webkitRelativePath || file.name, file]));
    const roots = [...byPath.keys()].filter((path) => path === "assets/site.css" || path.endsWith("/assets/site.css"));
    const shortest = roots.sort((a, b) => a.length - b.length)[0];
    const root = shortest === undefined ? "" : shortest.slice(0, -"assets/site.css".length);
    function fileAt(path) {
      const single = shortest === undefined ? byPath.get(path.slice(path.lastIndexOf("/") + 1)) : undefined;
      return byPath.get(plain(root + path)) || single;
    }
    return {
      async read(path) {
        const file = fileAt(path);
        return file === undefined ? null : new Uint8Array(await file.arrayBuffer());
      },
      holds: (path) => fileAt(path) !== undefined,
      isWhole: shortest !== undefined,
    };
  }

  /** The first that has a file gives it; `withFile` is the chosen place that has one, or else all of them. */
  function eitherOf(...sources) {
    const all = {
      async read(path) {
        for (const source of sources) {
          const bytes = await source.read(path);
          if (bytes !== null) return bytes;
        }
        return null;
      },
      withFile: (path) => sources.find((source) => source.holds && source.holds(path)) || all,
    };
    return all;
  }

  return { chosen, eitherOf, onServer };
})();

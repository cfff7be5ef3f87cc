// What the page uses: one class, as a name of its own.
export { default as Index } from "minisearch";

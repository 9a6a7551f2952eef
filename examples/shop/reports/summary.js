export const summary = (lines) => `${lines.length} bills: ${lines.join(", ")} (${import.meta.url.split("/").at(-1)})`;

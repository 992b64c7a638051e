// The choice that src/shell/theme.ts keeps, before anything is painted. A file of its own: the pages' content security
// policy allows no scripts in the page.
try {
  const theme = localStorage.getItem("neustream-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that forbids all memory has no choice to tell.
}

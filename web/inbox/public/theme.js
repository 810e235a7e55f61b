// Before the first paint, and a file of its own because the content security policy forbids inline scripts.
try {
  const theme = localStorage.getItem("partyline.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; the system's theme then.
}

import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { ErrorBoundary } from "./app/ErrorBoundary";
import { startTranslation } from "./i18n";
import { applyPreferences } from "./settings/apply";
import { preferences } from "./settings/store";
import { invitation } from "./start/ticket";
import "./ui/styles/index.css";

/** Reads the link once, and takes a token out of the address bar, the history and any screenshot. */
function readInvitation() {
  const { search, hash, pathname } = window.location;
  const found = invitation(search, hash);
  if (hash.includes("token=")) {
    window.history.replaceState(null, "", pathname + search);
  }
  return found;
}

const root = document.getElementById("root");
if (root === null) {
  throw new Error("index.html has no element #root");
}
startTranslation(preferences().language);
applyPreferences();
createRoot(root).render(
  <ErrorBoundary>
    <App invitation={readInvitation()} />
  </ErrorBoundary>,
);

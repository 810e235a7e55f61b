import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@partyline/kit/ui/base.css";
import "./page.css";
import { Simulator } from "./Simulator.tsx";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Simulator />
    </StrictMode>,
  );
}

import { DirectionProvider } from "@base-ui/react/direction-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { brand } from "./brand/brand";
import { router } from "./router";
import { applyTheme } from "./shell/theme";
import { direction } from "./text/language";

applyTheme();
document.title = brand.name;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer; only a missing one is worth asking again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status > 0),
    },
  },
});

const container = document.getElementById("root");
if (container === null) throw new Error("index.html has no #root");

createRoot(container).render(
  <StrictMode>
    <DirectionProvider direction={direction}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </DirectionProvider>
  </StrictMode>,
);

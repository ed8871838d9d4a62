// What the types must not let through: the compiler complains where it finds no error below such a comment.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const client = createClient<paths>({ baseUrl: "" });
const path = { session_id: "main" };

// @ts-expect-error A path that there is not.
void client.GET("/session");

// @ts-expect-error A parameter of the path is left out.
void client.GET("/sessions/{session_id}/kpis");

// @ts-expect-error A field with a wrong name.
export const renamed: components["schemas"]["CreateScenario"] = { tag: "", dataset_key: "", algorithm: "" };

void client.POST("/sessions/{session_id}/scenarios", {
  params: { path },
  // @ts-expect-error A field that must be there.
  body: { tag: "", dataset_key: "" },
});

const { data } = await client.GET("/sessions/{session_id}/data", { params: { path } });
// @ts-expect-error A field of an answer that has another name.
data?.names;

// A coach's evening, with types from the API's own OpenAPI document: log in, upload a video, wait for its analysis,
// read the figures, and change a team that somebody else may be changing too.
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./coach-pro.js";

type Api = Client<paths>;
type Problem = components["schemas"]["Problem"];
type Job = components["schemas"]["JobRead"];
type Team = components["schemas"]["TeamRead"];

/** What the server refused: RFC 9457, with a sentence for people and a stable word for programs. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    const fields = (problem.errors ?? []).map((field) => `${field.pointer}: ${field.message}`);
    super([problem.detail, ...fields].join("\n  "));
  }
}

type Answer<Data> = { data?: Data; error?: Problem; response: Response };

/** The data of an answer that is not an error. */
function granted<Data>({ data, error }: Answer<Data>): NonNullable<Data> {
  if (error !== undefined) throw new ProblemError(error);
  if (data === undefined || data === null) throw new Error("The answer is empty.");
  return data;
}

export async function logIn(baseUrl: string, username: string, password: string): Promise<Api> {
  const api = createClient<paths>({ baseUrl, querySerializer: { array: { style: "form", explode: false } } });
  const token = granted(
    await api.POST("/api/token", {
      body: { username, password, scope: "" },
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    }),
  );
  const authorize: Middleware = {
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token.access_token}`);
      return request;
    },
  };
  api.use(authorize);
  return api;
}

/** The document describes the file as a binary string; `FormData` wants a `Blob`. */
export async function upload(api: Api, video: Blob, filename: string, matchId?: string): Promise<string> {
  const accepted = granted(
    await api.POST("/api/analyze_match", {
      body: { file: filename, ...(matchId === undefined ? {} : { match_id: matchId }) },
      bodySerializer(body) {
        const form = new FormData();
        if (body.match_id !== undefined) form.set("match_id", body.match_id);
        form.set("file", video, filename);
        return form;
      },
    }),
  );
  return accepted.job_id;
}

/** Ask as often as the server proposes until the job is over. */
export async function finished(api: Api, jobId: string): Promise<Job> {
  for (;;) {
    const answer = await api.GET("/api/jobs/{job_id}", { params: { path: { job_id: jobId } } });
    const job = granted(answer);
    if (job.status === "COMPLETED" || job.status === "FAILED" || job.status === "CANCELLED") return job;
    const pause = Number(answer.response.headers.get("Retry-After") ?? "2");
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

/** The matches since a moment, the latest first, a page at a time. */
export async function* matchesSince(api: Api, since: Date) {
  const limit = 100;
  for (let offset = 0; ; offset += limit) {
    const page = granted(
      await api.GET("/api/matches", {
        params: {
          query: { "match_date[gte]": since.toISOString(), sort: ["-match_date"], limit, offset },
        },
      }),
    );
    yield* page;
    if (page.length < limit) return;
  }
}

/** Change a team; if somebody else was quicker, look at what it is now, and decide again. */
export async function changeTeam(
  api: Api,
  teamId: string,
  change: (team: Team) => components["schemas"]["TeamPatch"],
): Promise<Team> {
  const path = { team_id: teamId };
  for (;;) {
    const read = await api.GET("/api/teams/{team_id}", { params: { path } });
    const body = change(granted(read));
    const tag = read.response.headers.get("ETag");
    const written = await api.PATCH("/api/teams/{team_id}", {
      params: { path, header: tag === null ? {} : { "If-Match": tag } },
      body,
    });
    if (written.response.status !== 412) return granted(written);
  }
}

export async function evening(baseUrl: string, video: Blob): Promise<string> {
  const api = await logIn(baseUrl, "coach@example.com", "correct horse");
  const job = await finished(api, await upload(api, video, "match.mp4"));
  if (job.result === null) return job.error?.hint ?? job.error?.detail ?? "The analysis did not finish.";
  const figures = granted(
    await api.GET("/api/player_match_statistics", {
      params: { query: { match_id: job.match_id, limit: 50 } },
    }),
  );
  const metres = figures.map((row) => row.distance_m).filter((distance) => distance !== null);
  try {
    await changeTeam(api, "7d6f1c1e-8f0b-4a57-9f6e-0c9d7a2b1e55", () => ({ primary_color: "#0b6e4f" }));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== "not_found") throw error;
  }
  const dates: string[] = [];
  for await (const match of matchesSince(api, new Date("2026-01-01"))) dates.push(match.match_date);
  return `${dates.length} matches; ${metres.reduce((sum, distance) => sum + distance, 0).toFixed(0)} m run`;
}

export default {
  api: { input: "./document.json", output: { target: "./orval/api.ts", client: "fetch", baseUrl: process.env.API_URL } },
};

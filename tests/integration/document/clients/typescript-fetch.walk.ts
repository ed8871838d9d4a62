import { AlgorithmsApi, Configuration, DataApi, ScenariosApi, SessionsApi, type Parameter } from "./typescript-fetch";
import { walk } from "./walk";

const configuration = new Configuration({ basePath: process.env.API_URL!, accessToken: process.env.API_TOKEN! });
const sessions = new SessionsApi(configuration);
const data = new DataApi(configuration);
const algorithms = new AlgorithmsApi(configuration);
const scenarios = new ScenariosApi(configuration);

const maximum = (parameter: Parameter) => (parameter.type === "integer" ? parameter.max : null);

void walk<Parameter>("typescript-fetch", maximum, {
  defaultSession: async () => (await sessions.listSessions())._default,
  upload: async (sessionId, datasetName, files) => (await data.runEtl({ sessionId, datasetName, files })).success,
  parameters: async (sessionId, algorithmName) =>
    (await algorithms.getAlgorithmParameters({ sessionId, algorithmName })).parameters,
  create: async (sessionId, datasetKey, duration) => {
    const createScenario = { tag: datasetKey, datasetKey, algoName: "Slow", algoParams: { duration } };
    return (await scenarios.createScenario({ sessionId, createScenario })).id;
  },
  run: async (sessionId, scenarioId) => (await scenarios.runScenario({ sessionId, scenarioId })).status,
  status: (sessionId, scenarioId) => scenarios.getScenarioStatus({ sessionId, scenarioId }),
  kpis: async (sessionId, scenarioId) =>
    Object.keys((await scenarios.getScenario({ sessionId, scenarioId })).kpis),
});

import * as api from "./orval/api";
import { walk } from "./walk";

const options: RequestInit = { headers: { authorization: `Bearer ${process.env.API_TOKEN}` } };
const maximum = (parameter: api.Parameter) => (parameter.type === "integer" ? parameter.max : null);

function unexpected(response: { status: number; data: unknown }): never {
  throw new Error(`${response.status} ${JSON.stringify(response.data)}`);
}

void walk<api.Parameter>("orval", maximum, {
  defaultSession: async () => {
    const response = await api.listSessions(options);
    return response.status === 200 ? response.data.default : unexpected(response);
  },
  upload: async (session, dataset_name, files) => {
    const response = await api.runEtl(session, { dataset_name, files }, {}, options);
    return response.status === 200 ? response.data.success : unexpected(response);
  },
  parameters: async (session, algorithm) => {
    const response = await api.getAlgorithmParameters(session, algorithm, options);
    return response.status === 200 ? response.data.parameters : unexpected(response);
  },
  create: async (session, dataset_key, duration) => {
    const body = { tag: dataset_key, dataset_key, algo_name: "Slow", algo_params: { duration } };
    const response = await api.createScenario(session, body, options);
    return response.status === 201 ? response.data.id : unexpected(response);
  },
  run: async (session, scenario) => {
    const response = await api.runScenario(session, scenario, {}, options);
    return response.status === 202 ? response.data.status : unexpected(response);
  },
  status: async (session, scenario) => {
    const response = await api.getScenarioStatus(session, scenario, {}, options);
    return response.status === 200 ? response.data : unexpected(response);
  },
  kpis: async (session, scenario) => {
    const response = await api.getScenario(session, scenario, {}, options);
    return response.status === 200 ? Object.keys(response.data.kpis) : unexpected(response);
  },
});

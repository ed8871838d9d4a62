/** Inputs for the parameters of an algorithm, one for each kind of descriptor. */

import type { Grid, Parameter, Range } from "algomancy-client";
import type { JSX } from "preact";

/** A parameter, and what a person has entered: a value, or the values of a sweep. */
export interface Entry {
  parameter: Parameter;
  value: unknown;
  /** Whether `sweep` counts. */
  isSwept: boolean;
  sweep: string;
}

export function entriesOf(parameters: readonly Parameter[]): Entry[] {
  return parameters.map((parameter) => ({ parameter, value: parameter.value, isSwept: false, sweep: "" }));
}

/** The values of the parameters that are the same for all scenarios. */
export function valuesOf(entries: readonly Entry[]): Record<string, unknown> {
  const single = entries.filter(({ isSwept, value }) => !isSwept && value !== null && value !== undefined);
  return Object.fromEntries(single.map(({ parameter, value }) => [parameter.name, value]));
}

/** The values of the parameters that differ. */
export function gridOf(entries: readonly Entry[]): Grid {
  const swept = entries.filter(({ isSwept }) => isSwept);
  return Object.fromEntries(swept.map(({ parameter, sweep }) => [parameter.name, sweepOf(parameter, sweep)]));
}

/** Values with commas between, or a range: `0.2..1 by 0.2`. */
function sweepOf(parameter: Parameter, text: string): unknown[] | Range {
  const range = /^\s*(\S+)\s*\.\.\s*(\S+)\s+by\s+(\S+)\s*$/.exec(text);
  const [from, to, step] = (range?.slice(1) ?? []).map(Number);
  if ([from, to, step].every(Number.isFinite)) return { from: from!, to: to!, step: step! };
  return text.split(",").map((each) => valueOf(parameter, each.trim()));
}

/** A number, or the text itself if it is none, so that the server names it in its refusal. */
function numberOf(text: string): number | string {
  const number = Number(text);
  return text === "" || Number.isNaN(number) ? text : number;
}

function valueOf(parameter: Parameter, text: string): unknown {
  if (parameter.type === "integer" || parameter.type === "float") return numberOf(text);
  if (parameter.type === "boolean") return text === "true";
  if (parameter.type === "enum") return parameter.choices.find((choice) => String(choice) === text) ?? text;
  return text;
}

/** The kinds whose values can be written with commas between. */
const SWEPT: ReadonlySet<Parameter["type"]> = new Set(["string", "integer", "float", "boolean", "enum"]);

interface FieldsProps {
  entries: readonly Entry[];
  change: (entries: readonly Entry[]) => void;
}

export function ParameterFields({ entries, change }: FieldsProps) {
  const put = (changed: Entry) =>
    change(entries.map((each) => (each.parameter.name === changed.parameter.name ? changed : each)));
  return (
    <div class="parameters">
      {entries.map((entry) => (
        <ParameterField key={entry.parameter.name} entry={entry} put={put} />
      ))}
    </div>
  );
}

function ParameterField({ entry, put }: { entry: Entry; put: (entry: Entry) => void }) {
  const { parameter, isSwept } = entry;
  const id = `parameter-${parameter.name}`;
  return (
    <div class="field">
      <label for={id}>{parameter.name}</label>
      {isSwept ? (
        <input
          id={id}
          required
          placeholder="1, 2, 3 or 1..9 by 2"
          value={entry.sweep}
          onInput={(event) => put({ ...entry, sweep: event.currentTarget.value })}
        />
      ) : (
        <Input id={id} parameter={parameter} value={entry.value} enter={(value) => put({ ...entry, value })} />
      )}
      {SWEPT.has(parameter.type) && (
        <label class="small">
          <input
            type="checkbox"
            checked={isSwept}
            onChange={(event) => put({ ...entry, isSwept: event.currentTarget.checked })}
          />{" "}
          several values of {parameter.name}
        </label>
      )}
    </div>
  );
}

interface InputProps<Kind extends Parameter["type"] = Parameter["type"]> {
  id: string;
  parameter: Extract<Parameter, { type: Kind }>;
  value: unknown;
  enter: (value: unknown) => void;
}

type Inputs = { [Kind in Parameter["type"]]: (props: InputProps<Kind>) => JSX.Element };

const INPUTS: Inputs = {
  string: TextInput,
  integer: NumberInput,
  float: NumberInput,
  boolean: BooleanInput,
  enum: ChoiceInput,
  multi_enum: ChoicesInput,
  time: TimeInput,
  interval: IntervalInput,
};

function Input(props: InputProps) {
  const Kind = INPUTS[props.parameter.type] as (props: InputProps) => JSX.Element;
  return <Kind {...props} />;
}

function TextInput({ id, parameter, value, enter }: InputProps<"string">) {
  return (
    <input
      id={id}
      required={parameter.required}
      value={String(value ?? "")}
      onInput={(event) => enter(event.currentTarget.value)}
    />
  );
}

function NumberInput({ id, parameter, value, enter }: InputProps<"integer"> | InputProps<"float">) {
  return (
    <input
      id={id}
      type="number"
      required={parameter.required}
      step={parameter.type === "integer" ? 1 : "any"}
      {...(parameter.min !== null && { min: parameter.min })}
      {...(parameter.max !== null && { max: parameter.max })}
      value={value === null || value === undefined ? "" : String(value)}
      onInput={(event) =>
        enter(Number.isNaN(event.currentTarget.valueAsNumber) ? null : event.currentTarget.valueAsNumber)
      }
    />
  );
}

function BooleanInput({ id, value, enter }: InputProps<"boolean">) {
  return (
    <input id={id} type="checkbox" checked={value === true} onChange={(event) => enter(event.currentTarget.checked)} />
  );
}

function ChoiceInput({ id, parameter, value, enter }: InputProps<"enum">) {
  return (
    <select
      id={id}
      value={parameter.choices.indexOf(value)}
      onChange={(event) => enter(parameter.choices[Number(event.currentTarget.value)])}
    >
      {parameter.choices.map((choice, position) => (
        <option key={position} value={position}>
          {String(choice)}
        </option>
      ))}
    </select>
  );
}

function ChoicesInput({ id, parameter, value, enter }: InputProps<"multi_enum">) {
  const chosen = Array.isArray(value) ? value : [];
  return (
    <select
      id={id}
      multiple
      onChange={(event) =>
        enter([...event.currentTarget.selectedOptions].map((option) => parameter.choices[Number(option.value)]))
      }
    >
      {parameter.choices.map((choice, position) => (
        <option key={position} value={position} selected={chosen.includes(choice)}>
          {String(choice)}
        </option>
      ))}
    </select>
  );
}

function TimeInput({ id, parameter, value, enter }: InputProps<"time">) {
  return <MomentInput id={id} isRequired={parameter.required} value={value} enter={enter} />;
}

function IntervalInput({ id, parameter, value, enter }: InputProps<"interval">) {
  const [start, end] = Array.isArray(value) ? (value as unknown[]) : [];
  return (
    <span class="row">
      <MomentInput id={id} isRequired={parameter.required} value={start} enter={(each) => enter([each, end ?? null])} />
      <MomentInput
        id={`${id}-end`}
        label={`End of ${parameter.name}`}
        isRequired={parameter.required}
        value={end}
        enter={(each) => enter([start ?? null, each])}
      />
    </span>
  );
}

interface MomentProps {
  id: string;
  label?: string;
  isRequired: boolean;
  value: unknown;
  enter: (value: string | null) => void;
}

function MomentInput({ id, label, isRequired, value, enter }: MomentProps) {
  return (
    <input
      id={id}
      type="datetime-local"
      step={1}
      {...(label !== undefined && { "aria-label": label })}
      required={isRequired}
      value={typeof value === "string" ? value.slice(0, 19) : ""}
      onInput={(event) => enter(event.currentTarget.value || null)}
    />
  );
}

/** An upload of files: dropped or chosen, with its progress and what the ETL says of them. */

import { Refused, type Schemas, type Session, type UploadProgress } from "algomancy-client";
import { useRef, useState } from "preact/hooks";
import { go } from "../places.ts";
import { client } from "../server.ts";
import { useAction, useLoaded } from "../shared/loading.ts";
import { Fault, Field, Scrolling } from "../shared/parts.tsx";
import { sizeOf } from "../shared/texts.ts";

export function Upload({ session, uploaded }: { session: Session; uploaded: () => void }) {
  const [files, setFiles] = useState<readonly File[]>([]);
  const [name, setName] = useState("");
  const [progress, setProgress] = useState<UploadProgress>();
  const [messages, setMessages] = useState<readonly Schemas["ValidationMessage"][]>([]);
  const input = useRef<HTMLInputElement>(null);
  const upload = useAction();

  const choose = (chosen: FileList | null | undefined) => {
    setFiles([...(chosen ?? [])]);
    setMessages([]);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setMessages([]);
    upload.run(async () => {
      try {
        const outcome = await session.upload(name, files, { onProgress: setProgress });
        setMessages(outcome.messages);
        setFiles([]);
        input.current!.value = "";
        uploaded();
        go(session.id, "datasets", name);
      } catch (error) {
        if (error instanceof Refused) setMessages(error.messages);
        throw error instanceof Refused ? new Error(`${name} is refused; nothing was stored.`) : error;
      } finally {
        setProgress(undefined);
      }
    });
  };
  return (
    <form
      class="upload"
      aria-label="Upload"
      onSubmit={submit}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        choose(event.dataTransfer?.files);
      }}
    >
      <Expected session={session} />
      <div class="row">
        <Field label="Name of the dataset">
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </Field>
        <Field label="Files, chosen or dropped here">
          <input ref={input} type="file" multiple onChange={(event) => choose(event.currentTarget.files)} />
        </Field>
        <button type="submit" disabled={upload.isRunning || files.length === 0}>
          Upload
        </button>
      </div>
      {files.length > 0 && <p>{files.map((file) => `${file.name} (${sizeOf(file.size)})`).join(", ")}</p>}
      {progress && <Progress {...progress} />}
      <Fault error={upload.error} />
      {messages.length > 0 && <Messages messages={messages} />}
    </form>
  );
}

/** What the server expects: the files of its schemas. */
function Expected({ session }: { session: Session }) {
  const schemas = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/schemas", { params: { path: { session_id: session.id } }, signal }),
    [session.id],
  );
  const names = schemas.value?.schemas.map(({ name, extension }) => `${name}.${extension}`) ?? [];
  return names.length > 0 ? <p>A dataset is made of {names.join(", ")}.</p> : null;
}

function Progress({ loaded, total }: UploadProgress) {
  const isSent = loaded >= total;
  return (
    <p>
      <progress aria-label="Upload" max={1} {...(!isSent && { value: loaded / total })} />{" "}
      {isSent ? "The server reads the files…" : `${sizeOf(loaded)} of ${sizeOf(total)}`}
    </p>
  );
}

function Messages({ messages }: { messages: readonly Schemas["ValidationMessage"][] }) {
  return (
    <Scrolling label="Messages of the upload">
      <table>
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Table</th>
            <th scope="col">Column</th>
            <th scope="col">Row</th>
            <th scope="col">Value</th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {messages.map((message, position) => (
            <tr key={position}>
              <td class={`severity ${message.severity.toLowerCase()}`}>{message.severity}</td>
              <td>{message.table}</td>
              <td>{message.column}</td>
              <td class="number">{message.row}</td>
              <td>{message.value}</td>
              <td>{message.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

import { cut } from "../streams/cut.ts";
import { readBoolean } from "./boolean.ts";
import { readFields } from "./csv.ts";
import { Fault } from "./fault.ts";
import { suggest } from "./suggest.ts";

/** A device that RUN requests. */
interface Device {
  name: string;
  required: boolean;
}

/** Reads the value of one `--device` of RUN. @throws {Fault} with code `parse/device` */
export function readDevice(text: string): Device {
  const device: Device = { name: "", required: false };
  for (const field of readFields(text, "parse/device", "devices")) {
    const [name, value] = cut(field, "=");
    const key = name.toLowerCase();
    if (key === "required") {
      const required = value === undefined ? true : readBoolean(value);
      if (required === undefined) throw fault(`invalid value for ${key}: ${value}`);
      device.required = required;
    } else if (key === "name" && value !== undefined) {
      if (device.name !== "") throw fault(`device name already set to ${device.name}`);
      device.name = value;
    } else if (device.name === "") {
      // A device name may contain `=`: `vendor/class=name`.
      device.name = field;
    } else if (value === undefined) {
      throw fault(`invalid field '${field}' must be a key=value pair`);
    } else {
      throw fault(`unexpected key '${key}' in '${field}'`, suggest(key, ["name", "required"]));
    }
  }
  return device;
}

function fault(message: string, suggestion?: string): Fault {
  return new Fault("parse/device", message, { suggestion });
}

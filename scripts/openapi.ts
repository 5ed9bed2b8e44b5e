/** Prints the OpenAPI document of the Data Jobs API, made from the contract. */
import { openApiDocument } from '../src/control-service/openapi.ts';

process.stdout.write(`${JSON.stringify(openApiDocument(), null, 2)}\n`);

import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { configure } from './configure';

async function bootstrap(): Promise<void> {
  const app = configure(await NestFactory.create(AppModule));
  const port = Number(process.env.PORT ?? 3000);
  await app.listen(port, '0.0.0.0');
  new Logger('bootstrap').log(`listening on port ${port}`);
}

bootstrap().catch((error: Error) => {
  new Logger('bootstrap').error(error.message);
  process.exitCode = 1;
});

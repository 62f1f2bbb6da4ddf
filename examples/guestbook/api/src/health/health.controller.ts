import { Controller, Get } from '@nestjs/common';

@Controller('health')
export class HealthController {
  /** Says that this process answers. It leaves the database out, so that its outage does not make the load balancer replace healthy servers. */
  @Get()
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }
}

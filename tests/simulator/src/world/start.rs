//! How a world begins.

use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::net::TcpListener;

use super::World;
use crate::addresses::{self, Addresses};
use crate::aws::Service;
use crate::control::{self, Control, Player};
use crate::crashes::Crashes;
use crate::dynamodb::DynamoDb;
use crate::failure::Failure;
use crate::faults::Faults;
use crate::gate::{Gate, Services};
use crate::journal::Journal;
use crate::lambda::{FunctionName, FunctionUrl, Functions, InvokeApi, Lambda, LambdaOptions, processes};
use crate::options::Options;
use crate::scheduler::Scheduler;
use crate::ssm::Ssm;
use crate::stack::{SCHEDULE_GROUP, SCHEDULER_ROLE_ARN};
use crate::tasks::Tasks;
use crate::template::Template;
use crate::timeline::{Pace, Timeline, wall_clock};
use crate::wechat::{self, Platform};
use crate::{inside, listen, settings};

impl World {
    /// Everything is reachable, and the settings are in force, when this returns. Nobody outside is answered before.
    pub async fn start(options: Options, functions: Functions) -> Result<Self, Failure> {
        let template = Template::read(&options.template)?;
        let explicit = matches!(options.pace, Pace::Explicit { .. });
        let tasks = Tasks::default();
        let functions = match &options.processes {
            Some(_) if explicit => return Err(Failure::ProcessesNeedRealPace),
            Some(folder) => processes::functions(folder, &tasks)?,
            None => functions,
        };
        let (addresses, listeners) = addresses::bind(options.base_port).await?;
        let world = Self::assemble(&options, &template, functions, tasks, addresses)?;
        let gate = world.open_inside().await?;
        let callback = || world.addresses.url(world.addresses.wechat_callback);
        world.platform.send_callbacks_to(options.callback_url.clone().unwrap_or_else(callback));
        world.put_in_force(options.settings.as_deref()).await?;
        for recurring in &template.recurring {
            let target = FunctionName::ReminderDispatch.arn();
            let created =
                world.scheduler.create_recurring(SCHEDULE_GROUP, recurring, &target, SCHEDULER_ROLE_ARN);
            created.map_err(|error| Failure::Recurring {
                name: recurring.name.clone(),
                message: error.message,
            })?;
        }
        // Last: whoever is in a hurry waits, and what he then changes is not changed back by the first settings.
        let player = Player::new(options.plays);
        world.open(listeners, &gate, player.clone(), options.mini_program);
        match explicit {
            true => world.tasks.spawn(player.drive(world.timeline.clone())),
            false => world.tasks.spawn(world.timeline.clone().drive()),
        }
        Ok(world)
    }

    fn assemble(
        options: &Options,
        template: &Template,
        functions: Functions,
        tasks: Tasks,
        addresses: Addresses,
    ) -> Result<Self, Failure> {
        let timeline = Timeline::new(options.pace);
        let dynamodb = open_database(options.data.as_deref(), template, &timeline)?;
        let faults = Faults::default();
        let wechat_options = wechat::Options {
            service_account: options.service_account,
            random_seed: options.random_seed,
            sends_take: options.sends_take,
            sabotage: options.sabotage,
            ..wechat::Options::default()
        };
        let platform = Platform::new(timeline.clone(), faults.clone(), wechat_options);
        let lambda_options = LambdaOptions {
            log_level: options.log_level.clone(),
            sandboxes_max: options.sandboxes_max,
            dispatch_at_once: options.dispatch_at_once,
            reserved_concurrency: options.reserved_concurrency.clone(),
            webhook_via: options.webhook_via.clone(),
            sabotage: options.sabotage,
        };
        let lambda = Lambda::new(timeline.clone(), tasks.clone(), functions, lambda_options);
        let scheduler =
            Scheduler::new(timeline.clone(), lambda.clone(), options.scheduler.clone(), &[SCHEDULE_GROUP]);
        Ok(Self {
            addresses,
            timeline,
            tasks,
            faults,
            crashes: Crashes::default(),
            journal: Journal::default(),
            ssm: Ssm::new(
                &platform.accounts(),
                options.origin_secret.as_deref(),
                options.server_key.as_deref(),
            ),
            platform,
            lambda,
            scheduler,
            dynamodb,
            sabotage: options.sabotage,
            roles: template.roles.clone(),
        })
    }

    /// The functions can run, and reach the services.
    async fn open_inside(&self) -> Result<Gate, Failure> {
        let gate = Gate::new(Services {
            timeline: self.timeline.clone(),
            faults: self.faults.clone(),
            journal: self.journal.clone(),
            platform: self.platform.clone(),
            dynamodb: self.dynamodb.clone(),
            scheduler: self.scheduler.clone(),
            ssm: self.ssm.clone(),
            crashes: self.crashes.clone(),
            sabotage: self.sabotage,
            roles: self.roles.clone(),
        });
        let listener = listen::bind(0).await?;
        let inside = format!("http://{}", listen::address(&listener));
        self.lambda.place(inside, self.addresses);
        self.tasks.spawn(inside::serve(listener, gate.clone(), self.lambda.clone()));
        Ok(gate)
    }

    /// The public ports are served.
    fn open(&self, listeners: [TcpListener; 8], gate: &Gate, player: Player, mini_program: PathBuf) {
        let [control, wechat_callback, reminder_api, wechat, dynamodb, scheduler, ssm, lambda] = listeners;
        let router = control::router(Control {
            timeline: self.timeline.clone(),
            tasks: self.tasks.clone(),
            faults: self.faults.clone(),
            journal: self.journal.clone(),
            platform: self.platform.clone(),
            lambda: self.lambda.clone(),
            scheduler: self.scheduler.clone(),
            ssm: self.ssm.clone(),
            player,
            mini_program,
            world: format!("{:x}", wall_clock().as_nanosecond()),
        });
        self.tasks.spawn(listen::serve_router(control, router));
        for (listener, function) in
            [(wechat_callback, FunctionName::WechatCallback), (reminder_api, FunctionName::ReminderApi)]
        {
            let url = FunctionUrl::new(self.lambda.clone(), function);
            self.tasks
                .spawn(listen::serve(listener, move |request, caller| url.clone().answer(request, caller)));
        }
        for (listener, service) in [
            (wechat, Service::Wechat),
            (dynamodb, Service::Dynamodb),
            (scheduler, Service::Scheduler),
            (ssm, Service::Ssm),
        ] {
            let gate = gate.clone();
            self.tasks.spawn(listen::serve(listener, move |request, caller| {
                let gate = gate.clone();
                async move { gate.pass(None, service, request, caller).await }
            }));
        }
        let invoke_api = InvokeApi::new(self.lambda.clone());
        self.tasks
            .spawn(listen::serve(lambda, move |request, caller| invoke_api.clone().answer(request, caller)));
    }

    async fn put_in_force(&self, text: Option<&str>) -> Result<(), Failure> {
        let Some(text) = text else { return Ok(()) };
        let settings = settings::read(text)?;
        settings::add_templates(&self.platform, &settings)?;
        let put = json!({ "operation": "settings.put", "settings": settings });
        let answer = self.operations(put).await.map_err(|error| Failure::Settings(error.to_string()))?;
        match answer.get("errors") {
            Some(errors) => Err(Failure::Settings(errors.to_string())),
            None => Ok(()),
        }
    }
}

fn open_database(data: Option<&Path>, template: &Template, timeline: &Timeline) -> Result<DynamoDb, Failure> {
    if let Some(folder) = data {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::Data { folder: folder.to_owned(), error })?;
    }
    DynamoDb::open(data, template, timeline).map_err(|error| Failure::Database(error.to_string()))
}

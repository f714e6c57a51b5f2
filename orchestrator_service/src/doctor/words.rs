//! The doctor's words in the three languages: what is wrong, and what to do. `{0}` and `{1}` are the facts of a finding.
//! Variables, settings and statements are the same in every language.

use super::finding::Kind;
use crate::phrases::Language;

type Text = [&'static str; 2];

/// Problem and remedy.
pub(super) const fn of(kind: Kind, language: Language) -> Text {
    let [es, pt, en] = texts(kind);
    match language {
        Language::Spanish => es,
        Language::Portuguese => pt,
        Language::English => en,
    }
}

/// Spanish, Portuguese, English.
const fn texts(kind: Kind) -> [Text; 3] {
    match kind {
        Kind::Variable => [
            ["{0} {1}", "Escribí por ejemplo {2} y volvé a iniciar el servicio."],
            ["{0} {1}", "Escreva por exemplo {2} e reinicie o serviço."],
            ["{0} {1}", "Write, for example, {2} and restart the service."],
        ],
        Kind::SameToken => [
            [
                "INTERNAL_API_TOKEN y ADMIN_TOKEN son iguales: el servicio de WhatsApp tendría la llave del operador.",
                "Generá otro ADMIN_TOKEN con: openssl rand -hex 32",
            ],
            [
                "INTERNAL_API_TOKEN e ADMIN_TOKEN são iguais: o serviço do WhatsApp teria a chave do operador.",
                "Gere outro ADMIN_TOKEN com: openssl rand -hex 32",
            ],
            [
                "INTERNAL_API_TOKEN and ADMIN_TOKEN are the same: the edge would hold the operator's key.",
                "Make another ADMIN_TOKEN with: openssl rand -hex 32",
            ],
        ],
        Kind::PlatformUrlMissing => [
            [
                "PLATFORM_URL está vacía: los enlaces de los correos no llevan a ningún lado.",
                "Poné la dirección donde se abre Nexus, por ejemplo PLATFORM_URL=https://nexus.example.com",
            ],
            [
                "PLATFORM_URL está vazia: os links dos e-mails não levam a lugar nenhum.",
                "Coloque o endereço em que o Nexus é aberto, por exemplo PLATFORM_URL=https://nexus.example.com",
            ],
            [
                "PLATFORM_URL is empty: links in mails lead nowhere.",
                "Set the address where people open Nexus, for example PLATFORM_URL=https://nexus.example.com",
            ],
        ],
        Kind::PlatformUrlBad => [
            [
                "PLATFORM_URL no es la dirección de una página.",
                "Debe empezar con https:// y tener un nombre, por ejemplo PLATFORM_URL=https://nexus.example.com",
            ],
            [
                "PLATFORM_URL não é o endereço de uma página.",
                "Deve começar com https:// e ter um nome, por exemplo PLATFORM_URL=https://nexus.example.com",
            ],
            [
                "PLATFORM_URL is not the address of a page.",
                "It must start with https:// and have a host, for example PLATFORM_URL=https://nexus.example.com",
            ],
        ],
        Kind::PlatformUrlInsecure => [
            [
                "PLATFORM_URL usa http://: contraseñas y sesiones viajarían sin cifrar.",
                "Publicá Nexus detrás de HTTPS y cambiá PLATFORM_URL a https://",
            ],
            [
                "PLATFORM_URL usa http://: senhas e sessões trafegariam sem criptografia.",
                "Publique o Nexus com HTTPS e mude PLATFORM_URL para https://",
            ],
            [
                "PLATFORM_URL uses http://: passwords and sessions would cross the net in clear.",
                "Put Nexus behind HTTPS and change PLATFORM_URL to https://",
            ],
        ],
        Kind::OriginNotBare => [
            [
                "CORS_ALLOWED_ORIGINS tiene una dirección con ruta: ningún navegador la envía, así que no permite nada.",
                "Dejá solo esquema, nombre y puerto: CORS_ALLOWED_ORIGINS=https://admin.example.com",
            ],
            [
                "CORS_ALLOWED_ORIGINS tem um endereço com caminho: nenhum navegador o envia, então não libera nada.",
                "Deixe só esquema, nome e porta: CORS_ALLOWED_ORIGINS=https://admin.example.com",
            ],
            [
                "CORS_ALLOWED_ORIGINS lists an address with a path: no browser sends one, so it allows nothing.",
                "Keep scheme, host and port only: CORS_ALLOWED_ORIGINS=https://admin.example.com",
            ],
        ],
        Kind::TimedOut => [
            ["No respondió en {0} segundos.", "Revisá la red y el firewall entre esta máquina y ese sistema, y volvé a probar."],
            [
                "Não respondeu em {0} segundos.",
                "Verifique a rede e o firewall entre esta máquina e esse sistema e tente de novo.",
            ],
            [
                "It did not answer within {0} seconds.",
                "Check the network and the firewall between this machine and that system, then try again.",
            ],
        ],
        Kind::NotReached => [
            ["No se pudo revisar: {0}.", "Arreglá eso primero."],
            ["Não foi possível verificar: {0}.", "Corrija isso primeiro."],
            ["Could not be looked at: {0}.", "Mend that first."],
        ],
        Kind::PostgresDsn => [
            [
                "{0} no es una dirección de Postgres.",
                "Usá la forma postgres://usuario:contraseña@host:5432/base y codificá los signos especiales de la contraseña (%40 por @).",
            ],
            [
                "{0} não é um endereço do Postgres.",
                "Use a forma postgres://usuario:senha@host:5432/banco e codifique os sinais especiais da senha (%40 para @).",
            ],
            [
                "{0} is not a Postgres address.",
                "Use the form postgres://user:password@host:5432/database, with special characters of the password encoded (%40 for @).",
            ],
        ],
        Kind::PostgresUnreachable => [
            ["Nadie responde en {0}.", "Revisá host y puerto de {1}, que Postgres esté iniciado y que el firewall deje pasar."],
            ["Ninguém responde em {0}.", "Verifique host e porta de {1}, se o Postgres está no ar e se o firewall deixa passar."],
            [
                "Nobody answers at {0}.",
                "Check host and port of {1}, that Postgres runs, and that the firewall lets this machine through.",
            ],
        ],
        Kind::PostgresRefusesLogin => [
            [
                "Postgres rechaza el usuario o la contraseña de {0}.",
                "Corregí la contraseña en {0}, o cambiala en el servidor: ALTER ROLE … PASSWORD '…'",
            ],
            [
                "O Postgres recusa o usuário ou a senha de {0}.",
                "Corrija a senha em {0} ou troque-a no servidor: ALTER ROLE … PASSWORD '…'",
            ],
            [
                "Postgres refuses the user or the password of {0}.",
                "Correct the password in {0}, or change it on the server: ALTER ROLE … PASSWORD '…'",
            ],
        ],
        Kind::PostgresNoDatabase => [
            ["El servidor no tiene la base que nombra {0}.", "Creala (CREATE DATABASE …) o corregí el nombre al final de {0}."],
            ["O servidor não tem o banco que {0} indica.", "Crie-o (CREATE DATABASE …) ou corrija o nome no fim de {0}."],
            [
                "The server does not have the database that {0} names.",
                "Create it (CREATE DATABASE …), or correct the name at the end of {0}.",
            ],
        ],
        Kind::PostgresTooOld => [
            ["Postgres {0} es demasiado viejo.", "Actualizá a Postgres 15 o posterior."],
            ["O Postgres {0} é velho demais.", "Atualize para o Postgres 15 ou mais novo."],
            ["Postgres {0} is too old.", "Upgrade to Postgres 15 or newer."],
        ],
        Kind::PostgresNotDurable => [
            [
                "synchronous_commit está en off: un mensaje aceptado puede perderse si se corta la luz.",
                "Ejecutá: ALTER DATABASE … SET synchronous_commit = on, y quitalo también del usuario y de la configuración.",
            ],
            [
                "synchronous_commit está em off: uma mensagem aceita pode se perder numa queda de energia.",
                "Execute: ALTER DATABASE … SET synchronous_commit = on, e retire-o também do usuário e da configuração.",
            ],
            [
                "synchronous_commit is off: an accepted message may be lost when the power fails.",
                "Run: ALTER DATABASE … SET synchronous_commit = on, and remove it from the user and the configuration too.",
            ],
        ],
        Kind::PostgresFewConnections => [
            [
                "Postgres permite {0} conexiones; un servicio de cada uno usa hasta {1}.",
                "Subí max_connections, o poné PgBouncer 1.21 o posterior delante.",
            ],
            [
                "O Postgres permite {0} conexões; um serviço de cada usa até {1}.",
                "Aumente max_connections ou coloque um PgBouncer 1.21 ou mais novo na frente.",
            ],
            [
                "Postgres allows {0} connections; one service of each kind uses up to {1}.",
                "Raise max_connections, or put PgBouncer 1.21 or newer in front.",
            ],
        ],
        Kind::PostgresNoPrivilege => [
            [
                "El usuario de {0} no puede crear tablas en la base.",
                "Hacelo dueño de la base (ALTER DATABASE … OWNER TO …), o dale el esquema: GRANT CREATE, USAGE ON SCHEMA public TO …",
            ],
            [
                "O usuário de {0} não pode criar tabelas no banco.",
                "Torne-o dono do banco (ALTER DATABASE … OWNER TO …) ou libere o esquema: GRANT CREATE, USAGE ON SCHEMA public TO …",
            ],
            [
                "The user of {0} may not create tables in the database.",
                "Make it the owner (ALTER DATABASE … OWNER TO …), or give it the schema: GRANT CREATE, USAGE ON SCHEMA public TO …",
            ],
        ],
        Kind::PostgresBypasses => [
            [
                "El usuario se saltea la seguridad por filas y no puede pasar al rol nexus_tenant: los negocios no quedarían separados.",
                "Como superusuario: CREATE ROLE nexus_tenant NOLOGIN; GRANT nexus_tenant TO el_usuario;",
            ],
            [
                "O usuário ignora a segurança por linha e não pode passar ao papel nexus_tenant: os negócios não ficariam separados.",
                "Como superusuário: CREATE ROLE nexus_tenant NOLOGIN; GRANT nexus_tenant TO o_usuario;",
            ],
            [
                "The user bypasses row-level security and may not switch to the role nexus_tenant: businesses would not be kept apart.",
                "As a superuser: CREATE ROLE nexus_tenant NOLOGIN; GRANT nexus_tenant TO the_user;",
            ],
        ],
        Kind::ExtensionMissing => [
            [
                "El servidor no tiene la extensión {0}.",
                "Instalá en el servidor el paquete de extensiones (postgresql-contrib) o pedíselo a tu proveedor.",
            ],
            [
                "O servidor não tem a extensão {0}.",
                "Instale no servidor o pacote de extensões (postgresql-contrib) ou peça ao seu provedor.",
            ],
            [
                "The server does not have the extension {0}.",
                "Install the package of contributed extensions on the server (postgresql-contrib), or ask your provider for it.",
            ],
        ],
        Kind::ExtensionForbidden => [
            [
                "El usuario no puede activar la extensión {0}.",
                "Como superusuario, en esta base: CREATE EXTENSION IF NOT EXISTS {0};",
            ],
            ["O usuário não pode ativar a extensão {0}.", "Como superusuário, neste banco: CREATE EXTENSION IF NOT EXISTS {0};"],
            [
                "The user may not switch on the extension {0}.",
                "As a superuser, in this database: CREATE EXTENSION IF NOT EXISTS {0};",
            ],
        ],
        Kind::SchemaEmpty => [
            ["La base está vacía.", "Nada: se crea al iniciar, o ahora con: orchestrator_service migrate"],
            ["O banco está vazio.", "Nada: é criado ao iniciar, ou agora com: orchestrator_service migrate"],
            ["The database is empty.", "Nothing: it is filled at start, or now with: orchestrator_service migrate"],
        ],
        Kind::SchemaOlder => [
            [
                "El esquema está en {0} y esta versión trae {1}.",
                "Hacé una copia de seguridad; se migra al iniciar, o ahora con: orchestrator_service migrate",
            ],
            [
                "O esquema está em {0} e esta versão traz {1}.",
                "Faça um backup; a migração ocorre ao iniciar, ou agora com: orchestrator_service migrate",
            ],
            [
                "The schema is at {0} and this build brings {1}.",
                "Make a backup; it is migrated at start, or now with: orchestrator_service migrate",
            ],
        ],
        Kind::SchemaNewer => [
            [
                "El esquema está en {0}, más nuevo que esta versión ({1}).",
                "Funciona mientras volvés atrás; después iniciá la versión nueva.",
            ],
            [
                "O esquema está em {0}, mais novo que esta versão ({1}).",
                "Funciona durante um retorno; depois inicie a versão nova.",
            ],
            [
                "The schema is at {0}, newer than this build ({1}).",
                "It works while you roll back; start the newer build afterwards.",
            ],
        ],
        Kind::SchemaDrift => [
            [
                "La migración {0} de la base no es la de esta versión.",
                "Iniciá la versión que creó esta base, o restaurá una copia anterior. Nunca edites una migración aplicada.",
            ],
            [
                "A migração {0} do banco não é a desta versão.",
                "Inicie a versão que criou este banco ou restaure um backup anterior. Nunca edite uma migração aplicada.",
            ],
            [
                "Migration {0} of the database is not the one of this build.",
                "Run the build that made this database, or restore a backup from before it. Never edit an applied migration.",
            ],
        ],
        Kind::PoolerForgets => [
            [
                "Delante de Postgres hay un PgBouncer que olvida las sentencias preparadas entre transacciones.",
                "Actualizá a PgBouncer 1.21 o posterior con max_prepared_statements = 200, o usá pool_mode = session.",
            ],
            [
                "Na frente do Postgres há um PgBouncer que esquece os comandos preparados entre transações.",
                "Atualize para o PgBouncer 1.21 ou mais novo com max_prepared_statements = 200, ou use pool_mode = session.",
            ],
            [
                "Before Postgres stands a PgBouncer that forgets prepared statements between transactions.",
                "Upgrade to PgBouncer 1.21 or newer with max_prepared_statements = 200, or use pool_mode = session.",
            ],
        ],
        Kind::PoolerWithoutDirect => [
            [
                "POSTGRES_DSN pasa por un pooler y POSTGRES_DIRECT_DSN está vacía: las migraciones largas pueden cortarse.",
                "Poné en POSTGRES_DIRECT_DSN la misma base sin el pooler.",
            ],
            [
                "POSTGRES_DSN passa por um pooler e POSTGRES_DIRECT_DSN está vazia: migrações longas podem ser cortadas.",
                "Coloque em POSTGRES_DIRECT_DSN o mesmo banco sem o pooler.",
            ],
            [
                "POSTGRES_DSN leads through a pooler and POSTGRES_DIRECT_DSN is empty: long migrations may be cut off.",
                "Set POSTGRES_DIRECT_DSN to the same database past the pooler.",
            ],
        ],
        Kind::RedisUrl => [
            ["REDIS_URL no es una dirección de Redis.", "Usá la forma redis://:contraseña@host:6379/0"],
            ["REDIS_URL não é um endereço do Redis.", "Use a forma redis://:senha@host:6379/0"],
            ["REDIS_URL is not a Redis address.", "Use the form redis://:password@host:6379/0"],
        ],
        Kind::RedisUnreachable => [
            [
                "Nadie responde en {0}.",
                "Revisá host y puerto de REDIS_URL y que Redis esté iniciado. Sin Redis todo funciona, pero más lento.",
            ],
            [
                "Ninguém responde em {0}.",
                "Verifique host e porta de REDIS_URL e se o Redis está no ar. Sem o Redis tudo funciona, mas mais devagar.",
            ],
            [
                "Nobody answers at {0}.",
                "Check host and port of REDIS_URL, and that Redis runs. Without Redis everything works, but slower.",
            ],
        ],
        Kind::RedisRefusesLogin => [
            [
                "Redis rechaza la contraseña de REDIS_URL.",
                "Corregila: redis://:contraseña@host:6379/0, con dos puntos delante si no hay usuario.",
            ],
            [
                "O Redis recusa a senha de REDIS_URL.",
                "Corrija: redis://:senha@host:6379/0, com dois-pontos antes quando não há usuário.",
            ],
            [
                "Redis refuses the password of REDIS_URL.",
                "Correct it: redis://:password@host:6379/0, with the colon in front when there is no user.",
            ],
        ],
        Kind::RedisTooOld => [
            ["Redis {0} es demasiado viejo.", "Actualizá a Redis 6.2 o posterior, o Valkey."],
            ["O Redis {0} é velho demais.", "Atualize para o Redis 6.2 ou mais novo, ou Valkey."],
            ["Redis {0} is too old.", "Upgrade to Redis 6.2 or newer, or Valkey."],
        ],
        Kind::RedisEvicts => [
            [
                "maxmemory-policy es {0}: con poca memoria Redis tira los avisos en vivo antes de tiempo.",
                "Poné maxmemory-policy en noeviction o en una volatile-*, por ejemplo: CONFIG SET maxmemory-policy volatile-lru",
            ],
            [
                "maxmemory-policy é {0}: com pouca memória o Redis descarta os avisos ao vivo antes da hora.",
                "Coloque maxmemory-policy em noeviction ou numa volatile-*, por exemplo: CONFIG SET maxmemory-policy volatile-lru",
            ],
            [
                "maxmemory-policy is {0}: when memory is short, Redis throws live events away too early.",
                "Set maxmemory-policy to noeviction or to a volatile-* one, for example: CONFIG SET maxmemory-policy volatile-lru",
            ],
        ],
        Kind::RedisReadOnly => [
            [
                "Redis no acepta escrituras: {0}.",
                "Apuntá REDIS_URL al primario, o arreglá el disco donde Redis guarda, o desactivá el guardado: nada de Nexus lo necesita.",
            ],
            [
                "O Redis não aceita gravações: {0}.",
                "Aponte REDIS_URL para o primário, ou conserte o disco em que o Redis grava, ou desligue a gravação: nada do Nexus precisa dela.",
            ],
            [
                "Redis takes no writes: {0}.",
                "Point REDIS_URL at the primary, or mend the disk Redis saves to, or switch saving off: nothing of Nexus needs it.",
            ],
        ],
        Kind::ClockSkew => [
            [
                "El reloj de {0} y el de esta máquina difieren en {1} segundos.",
                "Sincronizá los relojes con NTP (por ejemplo chrony) en las dos máquinas.",
            ],
            [
                "O relógio de {0} e o desta máquina diferem em {1} segundos.",
                "Sincronize os relógios com NTP (por exemplo chrony) nas duas máquinas.",
            ],
            [
                "The clock of {0} and that of this machine are {1} seconds apart.",
                "Synchronise both machines by NTP (chrony, for example).",
            ],
        ],
        Kind::EdgeNotGiven => [
            [
                "No se indicó dónde está el servicio de WhatsApp.",
                "Agregá --edge http://whatsapp_service:8002, o WHATSAPP_SERVICE_URL.",
            ],
            [
                "Não foi indicado onde está o serviço do WhatsApp.",
                "Acrescente --edge http://whatsapp_service:8002, ou WHATSAPP_SERVICE_URL.",
            ],
            ["It was not said where the edge is.", "Add --edge http://whatsapp_service:8002, or WHATSAPP_SERVICE_URL."],
        ],
        Kind::EdgeUnreachable => [
            [
                "Nadie responde en {0}.",
                "Iniciá whatsapp_service y revisá la dirección que le diste a --edge o WHATSAPP_SERVICE_URL.",
            ],
            [
                "Ninguém responde em {0}.",
                "Inicie o whatsapp_service e verifique o endereço dado a --edge ou WHATSAPP_SERVICE_URL.",
            ],
            ["Nobody answers at {0}.", "Start whatsapp_service, and check the address given to --edge or WHATSAPP_SERVICE_URL."],
        ],
        Kind::EdgeStrange => [
            ["En {0} responde otra cosa (estado {1}).", "Revisá el puerto (8002) y que ningún proxy responda en su lugar."],
            ["Em {0} responde outra coisa (status {1}).", "Verifique a porta (8002) e se nenhum proxy responde no lugar."],
            ["Something else answers at {0} (status {1}).", "Check the port (8002), and that no proxy answers in its place."],
        ],
        Kind::EdgeNotReady => [
            [
                "El servicio de WhatsApp vive pero no puede trabajar: {0}.",
                "Revisá sus propias variables: debe tener la misma base y la misma clave que el orquestador.",
            ],
            [
                "O serviço do WhatsApp vive mas não pode trabalhar: {0}.",
                "Verifique as variáveis dele: deve ter o mesmo banco e a mesma chave que o orquestrador.",
            ],
            [
                "The edge lives and cannot work: {0}.",
                "Check its own variables: it needs the same database and the same key as the brain.",
            ],
        ],
        Kind::ModelKeyMissing => [
            [
                "OPENAI_API_KEY está vacía: sin clave propia de un negocio, toda conversación va a una persona.",
                "Creá una clave con tu proveedor y ponela en OPENAI_API_KEY.",
            ],
            [
                "OPENAI_API_KEY está vazia: sem chave própria de um negócio, toda conversa vai para uma pessoa.",
                "Crie uma chave no seu provedor e coloque-a em OPENAI_API_KEY.",
            ],
            [
                "OPENAI_API_KEY is empty: without a key of its own, every conversation of a business goes to a person.",
                "Make a key at your provider and set OPENAI_API_KEY.",
            ],
        ],
        Kind::ModelUnreachable => [
            ["Nadie responde en {0}.", "Revisá OPENAI_BASE_URL y que esta máquina pueda salir a esa dirección."],
            ["Ninguém responde em {0}.", "Verifique OPENAI_BASE_URL e se esta máquina pode sair para esse endereço."],
            ["Nobody answers at {0}.", "Check OPENAI_BASE_URL, and that this machine may reach that address."],
        ],
        Kind::ModelRefusesKey => [
            [
                "El proveedor del modelo rechaza OPENAI_API_KEY.",
                "Creá una clave nueva con acceso al modelo y reemplazala; revisá también que la cuenta esté paga.",
            ],
            [
                "O provedor do modelo recusa OPENAI_API_KEY.",
                "Crie uma chave nova com acesso ao modelo e troque-a; verifique também se a conta está paga.",
            ],
            [
                "The model provider refuses OPENAI_API_KEY.",
                "Make a new key with access to the model and replace it; also check that the account is paid.",
            ],
        ],
        Kind::ModelUnknown => [
            ["El proveedor no tiene el modelo {0}.", "Corregí OPENAI_MODEL con un nombre de su lista."],
            ["O provedor não tem o modelo {0}.", "Corrija OPENAI_MODEL com um nome da lista dele."],
            ["The provider does not list the model {0}.", "Correct OPENAI_MODEL to a name of its list."],
        ],
        Kind::ModelFails => [
            [
                "El proveedor del modelo responde {0}.",
                "Revisá que OPENAI_BASE_URL termine como lo pide el proveedor (por lo común /v1) y su página de estado.",
            ],
            [
                "O provedor do modelo responde {0}.",
                "Verifique se OPENAI_BASE_URL termina como o provedor pede (em geral /v1) e a página de status dele.",
            ],
            [
                "The model provider answers {0}.",
                "Check that OPENAI_BASE_URL ends as the provider asks (usually /v1), and its status page.",
            ],
        ],
        Kind::YcloudKeyMissing => [
            [
                "YCLOUD_API_KEY está vacía y no toda línea tiene clave propia: sus mensajes no salen.",
                "Copiá la clave de la consola de YCloud a YCLOUD_API_KEY, o ponela en cada línea.",
            ],
            [
                "YCLOUD_API_KEY está vazia e nem toda linha tem chave própria: as mensagens delas não saem.",
                "Copie a chave do console do YCloud para YCLOUD_API_KEY, ou coloque-a em cada linha.",
            ],
            [
                "YCLOUD_API_KEY is empty, and not every channel has a key of its own: their messages do not leave.",
                "Copy the key from YCloud's console to YCLOUD_API_KEY, or set it at each channel.",
            ],
        ],
        Kind::YcloudUnreachable => [
            ["Nadie responde en {0}.", "Revisá YCLOUD_API_URL y que esta máquina pueda salir a esa dirección."],
            ["Ninguém responde em {0}.", "Verifique YCLOUD_API_URL e se esta máquina pode sair para esse endereço."],
            ["Nobody answers at {0}.", "Check YCLOUD_API_URL, and that this machine may reach that address."],
        ],
        Kind::YcloudRefusesKey => [
            [
                "YCloud rechaza la clave de {0}.",
                "Copiala de nuevo de la consola de YCloud, y revisá que su lista de direcciones permitidas incluya a este servidor.",
            ],
            [
                "O YCloud recusa a chave de {0}.",
                "Copie-a de novo do console do YCloud e verifique se a lista de endereços permitidos inclui este servidor.",
            ],
            [
                "YCloud refuses the key of {0}.",
                "Copy it again from YCloud's console, and check that its list of allowed addresses has this server.",
            ],
        ],
        Kind::YcloudFails => [
            ["YCloud responde {0}.", "Revisá que YCLOUD_API_URL termine en /v2, y la página de estado de YCloud."],
            ["O YCloud responde {0}.", "Verifique se YCLOUD_API_URL termina em /v2 e a página de status do YCloud."],
            ["YCloud answers {0}.", "Check that YCLOUD_API_URL ends in /v2, and YCloud's status page."],
        ],
        Kind::WebhookSecretMissing => [
            [
                "YCLOUD_WEBHOOK_SECRET está vacía y no toda línea tiene secreto propio: sus mensajes entrantes se rechazan.",
                "Copiá el secreto del webhook (whsec_…) de la consola de YCloud.",
            ],
            [
                "YCLOUD_WEBHOOK_SECRET está vazia e nem toda linha tem segredo próprio: as mensagens recebidas delas são recusadas.",
                "Copie o segredo do webhook (whsec_…) do console do YCloud.",
            ],
            [
                "YCLOUD_WEBHOOK_SECRET is empty, and not every channel has a secret of its own: messages to them are refused.",
                "Copy the webhook's secret (whsec_…) from YCloud's console.",
            ],
        ],
        Kind::CredentialClosed => [
            [
                "La clave guardada de {0} no se abre con CREDENTIALS_KEY.",
                "Volvé a poner la CREDENTIALS_KEY anterior (o en CREDENTIALS_KEY_PREVIOUS), o cargá la clave de nuevo.",
            ],
            [
                "A chave guardada de {0} não abre com CREDENTIALS_KEY.",
                "Recoloque a CREDENTIALS_KEY anterior (ou em CREDENTIALS_KEY_PREVIOUS), ou cadastre a chave de novo.",
            ],
            [
                "The stored key of {0} does not open with CREDENTIALS_KEY.",
                "Put the former CREDENTIALS_KEY back (or into CREDENTIALS_KEY_PREVIOUS), or enter the key again.",
            ],
        ],
        Kind::MailNotConfigured => [
            [
                "SMTP_HOST está vacía: los pases a una persona se ven en la bandeja y a nadie le llega un correo.",
                "Poné SMTP_HOST, SMTP_USER, SMTP_PASS y SMTP_FROM si querés correos.",
            ],
            [
                "SMTP_HOST está vazia: os repasses aparecem na caixa de entrada e ninguém recebe e-mail.",
                "Preencha SMTP_HOST, SMTP_USER, SMTP_PASS e SMTP_FROM se quiser e-mails.",
            ],
            [
                "SMTP_HOST is empty: handoffs are shown in the inbox and nobody is mailed.",
                "Set SMTP_HOST, SMTP_USER, SMTP_PASS and SMTP_FROM if mails are wanted.",
            ],
        ],
        Kind::MailUnreachable => [
            [
                "El servidor de correo {0} no responde.",
                "Revisá SMTP_HOST y SMTP_PORT; muchos proveedores de hosting bloquean el puerto 25, usá 587.",
            ],
            [
                "O servidor de e-mail {0} não responde.",
                "Verifique SMTP_HOST e SMTP_PORT; muitos provedores bloqueiam a porta 25, use 587.",
            ],
            ["The mail server {0} does not answer.", "Check SMTP_HOST and SMTP_PORT; many hosters block port 25, so use 587."],
        ],
        Kind::MailRefusesLogin => [
            [
                "El servidor de correo rechaza el usuario o la contraseña{0}.",
                "Corregí SMTP_USER y SMTP_PASS; Gmail y otros piden una contraseña de aplicación.",
            ],
            [
                "O servidor de e-mail recusa o usuário ou a senha{0}.",
                "Corrija SMTP_USER e SMTP_PASS; o Gmail e outros pedem uma senha de app.",
            ],
            [
                "The mail server refuses the user or the password{0}.",
                "Correct SMTP_USER and SMTP_PASS; Gmail and others want an app password.",
            ],
        ],
        Kind::MailMisfit => [
            [
                "El cifrado de SMTP_SECURITY no es el que habla {0}, o su certificado no vale.",
                "Usá SMTP_SECURITY=tls con el puerto 465 y starttls con el 587, y el nombre que figura en el certificado.",
            ],
            [
                "A criptografia de SMTP_SECURITY não é a que {0} fala, ou o certificado não vale.",
                "Use SMTP_SECURITY=tls com a porta 465 e starttls com a 587, e o nome que consta no certificado.",
            ],
            [
                "The protection in SMTP_SECURITY is not what {0} speaks, or its certificate is not good.",
                "Use SMTP_SECURITY=tls with port 465 and starttls with 587, and the name that stands in the certificate.",
            ],
        ],
        Kind::GoogleNotConfigured => [
            [
                "GOOGLE_CREDENTIALS está vacía: sin credenciales propias de un negocio no hay calendario de Google.",
                "Poné el JSON de una cuenta de servicio si querés el calendario.",
            ],
            [
                "GOOGLE_CREDENTIALS está vazia: sem credenciais próprias de um negócio não há agenda do Google.",
                "Coloque o JSON de uma conta de serviço se quiser a agenda.",
            ],
            [
                "GOOGLE_CREDENTIALS is empty: without credentials of its own a business has no Google calendar.",
                "Set the JSON of a service account if the calendar is wanted.",
            ],
        ],
        Kind::GoogleNotJson => [
            [
                "GOOGLE_CREDENTIALS no es JSON.",
                "Pegá el archivo entero de la cuenta de servicio en una línea, entre comillas simples.",
            ],
            ["GOOGLE_CREDENTIALS não é JSON.", "Cole o arquivo inteiro da conta de serviço em uma linha, entre aspas simples."],
            ["GOOGLE_CREDENTIALS is not JSON.", "Paste the whole file of the service account as one line, in single quotes."],
        ],
        Kind::GoogleIncomplete => [
            [
                "A GOOGLE_CREDENTIALS le falta un {0} que sirva.",
                "Descargá de nuevo una clave JSON de la cuenta de servicio (type = service_account) y pegala entera.",
            ],
            [
                "Falta a GOOGLE_CREDENTIALS um {0} que sirva.",
                "Baixe de novo uma chave JSON da conta de serviço (type = service_account) e cole-a inteira.",
            ],
            [
                "GOOGLE_CREDENTIALS lacks a usable {0}.",
                "Download a JSON key of the service account again (type = service_account), and paste all of it.",
            ],
        ],
        Kind::MediaNotConfigured => [
            [
                "MEDIA_STORE_URL está vacía.",
                "Poné una carpeta que sobreviva al contenedor, por ejemplo MEDIA_STORE_URL=file:///var/lib/nexus/media",
            ],
            [
                "MEDIA_STORE_URL está vazia.",
                "Coloque uma pasta que sobreviva ao contêiner, por exemplo MEDIA_STORE_URL=file:///var/lib/nexus/media",
            ],
            [
                "MEDIA_STORE_URL is empty.",
                "Set a folder that outlives the container, for example MEDIA_STORE_URL=file:///var/lib/nexus/media",
            ],
        ],
        Kind::MediaUrl => [
            ["MEDIA_STORE_URL no es ni una carpeta ni un depósito.", "Usá file:///carpeta/absoluta o s3://deposito"],
            ["MEDIA_STORE_URL não é nem pasta nem bucket.", "Use file:///pasta/absoluta ou s3://bucket"],
            ["MEDIA_STORE_URL is neither a folder nor a bucket.", "Use file:///absolute/folder or s3://bucket"],
        ],
        Kind::MediaNotWritable => [
            [
                "No se puede escribir en la carpeta de MEDIA_STORE_URL: {0}.",
                "Creala y dásela al usuario con que corre el servicio; revisá también que el disco no esté lleno.",
            ],
            [
                "Não é possível gravar na pasta de MEDIA_STORE_URL: {0}.",
                "Crie-a e dê-a ao usuário com que o serviço roda; verifique também se o disco não está cheio.",
            ],
            [
                "Nothing can be written to the folder of MEDIA_STORE_URL: {0}.",
                "Create it and give it to the user the service runs as; also check that the disk is not full.",
            ],
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_words_that_mention_the_same_facts_in_every_language() {
        for kind in Kind::ALL {
            let all = texts(*kind);
            for part in [0, 1] {
                for fact in ["{0}", "{1}", "{2}"] {
                    let uses: Vec<bool> = all.iter().map(|text| text[part].contains(fact)).collect();
                    assert!(uses.iter().all(|used| *used == uses[0]), "{kind:?} mentions {fact} in some languages only");
                }
                assert!(all.iter().all(|text| !text[part].is_empty()), "{kind:?} has no words");
            }
        }
    }
}

# Computes reference.json from the tables beside it, with packages that other people
# wrote. On Debian:
#   apt-get install --no-install-recommends r-base-core r-cran-jsonlite r-cran-lme4 \
#     r-cran-psych r-cran-lavaan r-cran-survey r-cran-sandwich r-cran-multilevel
suppressPackageStartupMessages({
  library(jsonlite); library(lme4); library(multilevel)
  library(psych); library(lavaan); library(survey); library(sandwich)
})

people <- read.csv("people.csv")
rotated <- read.csv("rotated.csv")
series <- read.csv("series.csv")
items <- c("a", "b", "c", "d", "e")
people$e <- 8 - people$e                       # more is better
people$scale <- rowMeans(people[items], na.rm = TRUE)
teams <- unique(people$team)
out <- list()

# Teams of unequal size, one figure a person --------------------------------------------
table <- anova(aov(scale ~ factor(team), people))
fitted <- aov(scale ~ factor(team), people)
out$one_way <- list(
  between = table$`Mean Sq`[1], within = table$`Mean Sq`[2],
  icc1 = ICC1(fitted), icc2 = ICC2(fitted)
)
tight <- lmerControl(
  optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-11, maxfun = 1e5)
)
random <- function(reml) {
  fit <- lmer(scale ~ 1 + (1 | team), people, REML = reml, control = tight)
  eb <- coef(fit)$team[teams, 1]
  parts <- as.data.frame(VarCorr(fit))$vcov
  list(mu = fixef(fit)[[1]], mu_variance = vcov(fit)[1, 1], tau2 = parts[1],
       sigma2 = parts[2], log_likelihood = as.numeric(logLik(fit)), means = eb)
}
out$reml <- random(TRUE)
out$ml <- random(FALSE)

# Agreement, team by team; complete rows, as the package drops whole rows ---------------
whole <- people[complete.cases(people[items]), ]
whole <- whole[whole$team %in% names(which(table(whole$team) > 1)), ]
by_team <- function(found, column) setNames(as.list(found[[column]]), found$grpid)
out$agreement <- list(
  r_wg = by_team(rwg(whole$a, whole$team, ranvar = 4), "rwg"),
  r_wg_j = by_team(rwg.j(whole[items], whole$team, ranvar = 4), "rwg.j"),
  r_star = by_team(rwg.j.lindell(whole[items], whole$team, ranvar = 4), "rwg.lindell"),
  ad_mean = by_team(ad.m(whole[items], whole$team, type = "mean"), "AD.M"),
  ad_median = by_team(ad.m(whole$a, whole$team, type = "median"), "AD.M"),
  a_wg = by_team(awg(whole$a, whole$team, range = c(1, 7)), "a.wg")
)

# What chance reaches: every histogram of n answers among A -----------------------------
critical <- function(n, A) {
  grid <- as.matrix(expand.grid(rep(list(0:n), A)))
  grid <- grid[rowSums(grid) == n, , drop = FALSE]
  p <- apply(grid, 1, function(h) dmultinom(h, prob = rep(1 / A, A)))
  null <- (A^2 - 1) / 12
  largest <- function(f) {
    value <- round(apply(grid, 1, function(h) f(rep(1:A, h))), 12)
    steps <- sort(unique(value))
    reached <- sapply(steps, function(s) sum(p[value <= s]))
    max(steps[reached <= 0.05])
  }
  list(n = n, A = A,
       r_wg = 1 - largest(function(x) min(var(x), null)) / null,
       ad_mean = largest(function(x) mean(abs(x - mean(x)))))
}
out$critical <- list(critical(5, 5), critical(8, 5), critical(12, 4), critical(9, 3))

# Reliability with missing answers ------------------------------------------------------
pairwise <- cov(people[items], use = "pairwise.complete.obs")
found <- psych::alpha(whole[items], warnings = FALSE)
cfa_fit <- cfa("f =~ a + b + c + d + e", whole, std.lv = TRUE, likelihood = "wishart")
loading <- lavInspect(cfa_fit, "est")$lambda[, 1]
unique_part <- diag(lavInspect(cfa_fit, "est")$theta)
K <- length(items); n <- nrow(whole); a <- found$total$raw_alpha
out$reliability <- list(
  alpha_pairwise = K / (K - 1) * (1 - sum(diag(pairwise)) / sum(pairwise)),
  alpha = a,
  feldt = c(1 - (1 - a) * qf(.975, n - 1, (n - 1) * (K - 1)),
            1 - (1 - a) * qf(.025, n - 1, (n - 1) * (K - 1))),
  item_rest = found$item.stats$r.drop,
  mean_r = found$total$average_r,
  loadings = unname(loading), uniquenesses = unname(unique_part),
  omega = sum(loading)^2 / (sum(loading)^2 + sum(unique_part))
)

# Scores of teams whose members saw different items -------------------------------------
bank <- c("p", "q", "r", "s")
means <- colMeans(rotated[bank], na.rm = TRUE)
offset <- means - mean(means)
adjusted <- sweep(as.matrix(rotated[bank]), 2, offset)
rotated$total <- rowSums(adjusted, na.rm = TRUE)
rotated$count <- rowSums(!is.na(adjusted))
score <- function(team, fpc) {
  own <- rotated[rotated$team == team, ]
  own$N <- ceiling(nrow(own) / 0.7)
  design <- if (fpc) svydesign(~1, data = own, fpc = ~N, weights = ~1)
            else svydesign(~1, data = own, weights = ~1)
  ratio <- svyratio(~total, ~count, design)
  c(coef(ratio), SE(ratio))
}
rotated_teams <- unique(rotated$team)
plain <- sapply(rotated_teams, score, FALSE)
finite <- sapply(rotated_teams, score, TRUE)
wilson <- function(x, n) as.numeric(prop.test(x, n, correct = FALSE)$conf.int)
out$rotated <- list(
  offsets = as.list(offset), score = as.list(plain[1, ]), se = as.list(plain[2, ]),
  se_finite = as.list(finite[2, ]),
  wilson = list(wilson(0, 9), wilson(3, 11), wilson(20, 20))
)

# A series at irregular dates -----------------------------------------------------------
time <- series$day / 28
during <- as.numeric(series$phase == "during")
after <- as.numeric(series$phase == "after")
level <- lm(score ~ during + after, series)
since_start <- (time - min(time[during == 1])) * during
since_end <- (time - min(time[after == 1])) * after
slope <- lm(series$score ~ time + during + since_start + after + since_end)
pairs <- combn(length(time), 2)
steps <- (series$score[pairs[2, ]] - series$score[pairs[1, ]]) /
  (time[pairs[2, ]] - time[pairs[1, ]])
weighted <- summary(lm(series$score ~ time, weights = 1 / series$se^2))$coefficients
rank <- cor.test(time, series$score, method = "kendall", exact = TRUE)
starts <- 2:(nrow(series) - 4)                 # waves before the first one during
placebo <- c()
for (s in starts) for (e in (s + 2):(nrow(series) - 2)) {
  D <- as.numeric(seq_along(time) > s & seq_along(time) <= e)
  A <- as.numeric(seq_along(time) > e)
  placebo <- c(placebo, abs(summary(lm(series$score ~ D + A))$coefficients["D", 3]))
}
observed <- abs(summary(level)$coefficients["during", 3])
robust <- NeweyWest(level, lag = 1, prewhite = FALSE, adjust = TRUE)
fade <- c(0, -1, 1)
out$series <- list(
  level = unname(coef(level)), level_se = unname(summary(level)$coefficients[, 2]),
  robust_se = unname(sqrt(diag(robust))),
  fade_se = sqrt(as.numeric(fade %*% robust %*% fade)),
  robust_se_lag3 = unname(sqrt(diag(
    NeweyWest(level, lag = 3, prewhite = FALSE, adjust = TRUE)))),
  slopes = unname(coef(slope)),
  theil_sen = median(steps), tau = unname(rank$estimate), p = rank$p.value,
  weighted = unname(weighted["time", 1:2]), weighted_p = unname(weighted["time", 4]),
  placements = length(placebo), placebo_p = mean(placebo >= observed - 1e-9)
)
x <- c(1, 2, 3, 4, 5, 6, 7); y <- c(2, 1, 2, 3, 3, 5, 4); u <- c(1, 1, 2, 3, 3, 4, 5)
suppressWarnings(both <- cor.test(u, y, method = "kendall", exact = FALSE))
out$ties <- list(u = u, y = y, tau = unname(both$estimate), p = both$p.value)
p <- c(.001, .2, .03, .04, .5, .012, .04)
out$discoveries <- list(p = p, adjusted = p.adjust(p, "BH"))

write_json(out, "reference.json", digits = I(15), auto_unbox = TRUE, pretty = TRUE)
